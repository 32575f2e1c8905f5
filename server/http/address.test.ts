// Addresses as rate limits count them, and paths a browser may be sent to.
import { expect, test } from 'vitest'
import { limitKey } from './address.ts'
import { createRateLimit } from './rate-limit.ts'
import { safeReturnPath } from './return-path.ts'

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:DB8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::9', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
])('%s counts as %s', (address, key) => {
  expect(limitKey(address)).toBe(key)
})

test('the limit holds for a sliding minute and for each address by itself', () => {
  let now = 0
  const limit = createRateLimit({ perMinute: 2, now: () => now })
  limit('a')
  now = 30_000
  limit('a')
  expect(() => limit('a')).toThrow(/wait a minute/)
  expect(() => limit('b')).not.toThrow()
  now = 60_001
  limit('a')
  expect(() => limit('a')).toThrow(/wait a minute/)
  now = 120_002
  limit('a')
})

test('a flood of addresses does not make the limit slow', () => {
  const limit = createRateLimit({ perMinute: 2, now: () => 0 })
  const began = performance.now()
  for (let index = 0; index < 100_000; index++) limit(`10.${index}`)
  expect(performance.now() - began).toBeLessThan(5_000)
})

test.each([
  ['/tasks/t-1?tab=review#x', '/tasks/t-1?tab=review#x'],
  ['/v10', '/v10'],
  [undefined, '/'],
  ['', '/'],
  ['tasks', '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/x/..//evil.example', '/'],
  ['/%2e%2e//evil.example', '/'],
  ['/\n/evil.example', '/'],
  [`/${'x'.repeat(3000)}`, '/'],
])('%j leads to %j', (path, to) => {
  expect(safeReturnPath(path)).toBe(to)
})
