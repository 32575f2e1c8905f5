// What counts as stuck, as a table: only the absence of every sign of work does.
import { expect, test } from 'vitest'
import { type Evidence, questionOf } from './stuck.ts'

const limitMs = 5 * 60_000
const idle: Evidence = { quietMs: limitMs, cpuShare: 0, toolsRunning: 0, modelCalls: 0, repeats: 1, lastCall: '' }

test.each<[string, Partial<Evidence>, boolean]>([
  ['nothing at all for the whole time', {}, true],
  ['nothing at all where the system does not tell CPU', { cpuShare: null }, true],
  ['an event a moment ago', { quietMs: limitMs - 1 }, false],
  ['a running tool, however long', { toolsRunning: 1, quietMs: 100 * limitMs }, false],
  ['a model call under way', { modelCalls: 1 }, false],
  ['CPU used by something it started', { cpuShare: 0.02 }, false],
  ['the same call eleven times', { repeats: 11, quietMs: 0 }, false],
  ['the same call twelve times', { repeats: 12, quietMs: 0 }, true],
])('%s', (_, evidence, stuck) => {
  expect(questionOf({ ...idle, ...evidence }, limitMs) !== null).toBe(stuck)
})
