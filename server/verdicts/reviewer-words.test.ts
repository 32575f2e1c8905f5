// A reviewer's public record: skill against the base rate, and 0 for one that was always on one side, however right.
import { expect, test } from 'vitest'
import { recordWords } from './reviewer-words.ts'
import { addLabel, noLabels, skill } from './statistics/calibration.ts'

const labels = (...groups: [pShip: number, stayed: boolean, times: number][]) =>
  groups
    .flatMap(([pShip, stayed, times]) => Array.from({ length: times }, () => [pShip, stayed] as const))
    .reduce((all, [pShip, stayed]) => addLabel(all, pShip, stayed, 1), noLabels())

test('one who always ships, or always skips, has skill 0 and says so', () => {
  const ships = labels([0.9, true, 30], [0.8, false, 20])
  expect(skill(ships)).toBe(0)
  expect(recordWords(ships)).toBe('It always ships, so it says nothing: skill 0, on 50 outcomes.')
  expect(recordWords(labels([0.1, false, 1]))).toBe('It always skips, so it says nothing: skill 0, on 1 outcome.')
})

test('one who tells them apart is above 0, one who has it backwards below', () => {
  expect(skill(labels([0.9, true, 30], [0.1, false, 20]))).toBeCloseTo(0.958, 2)
  expect(skill(labels([0.1, true, 30], [0.9, false, 20]))).toBeLessThan(0)
})

test('few labels are called uncalibrated, none is no record', () => {
  expect(recordWords(labels([0.9, true, 5], [0.1, false, 5]))).toContain('uncalibrated below 40')
  expect(recordWords(noLabels())).toBe('No record yet: nothing it judged was kept or turned down.')
})
