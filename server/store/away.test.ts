import { sql } from 'drizzle-orm'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { expect, test } from 'vitest'
import { databaseWasAway } from './away.ts'
import { transact } from './log.ts'

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  )

test('a server that is not there was away, for a query and for a transaction', async () => {
  const pool = new pg.Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' })
  const db = drizzle(pool)
  expect(databaseWasAway(await thrownBy(db.execute(sql`select 1`)))).toBe(true)
  expect(databaseWasAway(await thrownBy(transact(db as never, async () => {})))).toBe(true)
  await pool.end()
})

test.each([
  ['a server that goes down', Object.assign(new Error('terminating connection'), { code: '57P01' }), true],
  ['a server that starts', Object.assign(new Error('the database system is starting up'), { code: '57P03' }), true],
  ['a session dropped in the middle', new Error('Connection terminated unexpectedly'), true],
  ['a query that takes too long', new Error('Query read timeout'), false],
  ['a wrong query', Object.assign(new Error('relation "x" does not exist'), { code: '42P01' }), false],
  ['a row that is there already', Object.assign(new Error('duplicate key'), { code: '23505' }), false],
  ['a bug', new TypeError('x is not a function'), false],
])('%s', (_, cause, away) => {
  expect(databaseWasAway(new DrizzleQueryError('select 1', [], cause))).toBe(away)
})

test('what is no query says nothing about the database', () => {
  expect(databaseWasAway(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))).toBe(false)
})
