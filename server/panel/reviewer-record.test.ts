// A reviewer's public record: skill against the base rate, and calibration that trusts few labels little.
import { expect, it } from 'vitest'
import { calibrate, reviewerRecord } from './reviewer-record.ts'

const labels = (pShip: number, stayed: boolean, times: number) =>
  Array.from({ length: times }, () => ({ pShip, stayed }))

it('shows skill 0 for one who always ships, and says so', () => {
  const record = reviewerRecord([...labels(0.9, true, 30), ...labels(0.8, false, 20)])
  expect(record).toMatchObject({ labels: 50, skill: 0 })
  expect(record.sentence).toBe('It always ships, so it says nothing: skill 0 on 50 outcomes.')
})

it('shows skill above 0 for one who tells them apart, and below 0 for one who has it backwards', () => {
  expect(reviewerRecord([...labels(0.9, true, 30), ...labels(0.1, false, 20)]).skill).toBeCloseTo(0.958, 2)
  expect(reviewerRecord([...labels(0.1, true, 30), ...labels(0.9, false, 20)]).skill).toBeLessThan(0)
})

it('says uncalibrated before forty labels, and has no figure without any', () => {
  expect(reviewerRecord([...labels(0.9, true, 5), ...labels(0.1, false, 5)]).sentence).toContain(
    'uncalibrated until 40',
  )
  expect(reviewerRecord([])).toMatchObject({ brier: null, skill: null })
})

it('leaves an unlabelled reviewer as it is, and pulls an overconfident one in', () => {
  expect(calibrate([])).toEqual({ a: 0, b: 1 })
  const overconfident = [
    ...labels(0.99, true, 60),
    ...labels(0.99, false, 40),
    ...labels(0.01, false, 60),
    ...labels(0.01, true, 40),
  ]
  const { b } = calibrate(overconfident)
  expect(b).toBeGreaterThan(0)
  expect(b).toBeLessThan(0.5)
  expect(calibrate(overconfident.slice(0, 8)).b).toBeGreaterThan(b)
})
