import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureDatabase } from './first-database.ts'
import { openPglite } from './pglite.ts'

let place: string
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'first-database-'))
})
afterEach(() => rm(place, { recursive: true }))

test('made once, copied from then on, and a copy that a crash cut short is made again', async () => {
  const templates = join(place, 'templates')
  await ensureDatabase(join(place, 'a/store'), templates)
  const [template = '', ...more] = await readdir(templates)
  expect([template, more]).toEqual([expect.stringMatching(/^database-[0-9a-f]{12}$/), []])
  const { ctimeMs } = await stat(join(templates, template))

  await mkdir(join(place, 'b/store.new'), { recursive: true })
  await writeFile(join(place, 'b/store.new/half'), '')
  const both = ['b/store', 'c/store'].map((dir) => join(place, dir))
  await Promise.all(both.map((dir) => ensureDatabase(dir, templates)))
  expect((await stat(join(templates, template))).ctimeMs).toBe(ctimeMs)
  expect(await readdir(join(place, 'b'))).toEqual(['store'])

  const database = await openPglite(both[0] as string)
  expect((await database.query('select count(*)::int as tasks from task')).rows).toEqual([{ tasks: 0 }])
  await database.close()
  // Making a database is what it takes seconds of CPU for; a busy machine stretches them.
}, 180_000)

test('a folder that holds something else is left as it is', async () => {
  const dir = join(place, 'store')
  await mkdir(dir)
  await writeFile(join(dir, 'precious'), 'x')
  await expect(ensureDatabase(dir, join(place, 'templates'))).rejects.toThrow('it holds precious, but no database')
  expect(await readdir(dir)).toEqual(['precious'])
  expect(await readdir(place)).toEqual(['store'])
})
