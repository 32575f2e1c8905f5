// Every attack succeeds without its layer, and none with it; by a house run by root, and by one of an ordinary user.
import { beforeAll, describe, expect, test } from 'vitest'
import { attacks } from './all.ts'
import { cannotRun, type Result, runAttacks } from './namespaced.ts'

const obstacle = cannotRun()

test('there are at least forty attacks, each with a name of its own', () => {
  expect(attacks.length).toBeGreaterThanOrEqual(40)
  expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length)
})

test('the suite can run here', () => {
  expect(obstacle).toBeNull()
})

describe.skipIf(obstacle).each([
  { by: 'root, strict', uid: 0 },
  { by: 'an ordinary user, standard', uid: 1234 },
])('a house run by $by', ({ uid }) => {
  let results: Result[] = []
  beforeAll(async () => {
    results = await runAttacks(uid)
  })
  const tried = attacks.filter((attack) => uid === 0 || (attack.caller !== 'root' && !attack.strictOnly))

  test.each(tried)('$name ($layer)', ({ name }) => {
    const result = results.find((each) => each.name === name)
    expect(result, JSON.stringify(result?.why)).toMatchObject({ undefended: 'succeeded', defended: 'blocked' })
  })
})
