import { expect, test } from 'vitest'
import { cgroupRoots } from './cgroup-roots.ts'
import { probeSandbox } from './probe.ts'

test('says what can be kept here, and names what is lost', async () => {
  const { best, findings } = await probeSandbox()
  const { v1, v2 } = cgroupRoots()
  const memory = v1.memory !== undefined || v2?.controllers.includes('memory') === true
  expect(best).toBe(memory ? 'strict' : 'standard')
  expect(findings.some(({ sentence }) => sentence.startsWith('No memory control group'))).toBe(!memory)
  expect(findings.every(({ area }) => area === 'sandbox')).toBe(true)
})
