import { expect, test } from 'vitest'
import { createSpenders } from './spenders.ts'

test('an account goes when its spending ends, and why it is refused is remembered for a while', () => {
  const spenders = createSpenders()
  const model = { name: 'm', model: 'm' } as never
  const endOne = (trialId: string): string => {
    const token = spenders.mint({ trialId, taskId: 't', model })
    spenders.revoke(trialId, token)
    return token
  }
  const find = (token: string) => {
    const request = new Request('http://gateway/', { headers: { authorization: `Bearer ${token}` } })
    return spenders.find(request, new URL(request.url))
  }
  const first = endOne('first')
  expect(find(first)).toBe('ended')
  const others = Array.from({ length: 1000 }, (_, index) => endOne(`r-${index}`))
  expect(find(others[0] ?? '')).toBe('ended')
  expect(find(first)).toBeNull()
  expect(find('st-never-minted')).toBeNull()
})
