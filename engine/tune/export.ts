// Writes datasets from decisions: one folder per trainer with train and test files, its settings, and a card.
import { Refusal, type TuneExample, type TuneExport, type TuneExportInput } from '@seatrial/protocol'
import { cardOf } from './card.ts'
import { configsFor } from './configs.ts'
import { linesOf } from './formats.ts'
import { makeRecords } from './records.ts'
import { testProjects } from './split.ts'

/** Pure: decisions in, files as text out. */
export function exportTuning(all: TuneExample[], input: TuneExportInput): TuneExport {
  const wanted = new Set(input.projects)
  const examples = wanted.size === 0 ? all : all.filter(({ project }) => wanted.has(project))
  if (examples.length === 0)
    throw new Refusal('not_found', 'There are no decisions to learn from yet; accept or reject some candidates first.')
  const records = makeRecords(examples, input.maxTokens)
  const testSide = testProjects(
    examples.map(({ project }) => project),
    input.testShare,
  )
  const files: TuneExport['files'] = []
  for (const trainer of input.trainers) {
    for (const method of input.methods) {
      const sides = { train: [] as string[], test: [] as string[] }
      for (const record of records[method]) {
        const side = testSide.has(record.project) ? 'test' : 'train'
        sides[side].push(...linesOf(trainer, method, record).map((line) => JSON.stringify(line)))
      }
      if (sides.train.length === 0) continue
      for (const [side, lines] of Object.entries(sides)) {
        // Trainers take an empty file for a broken one.
        if (lines.length === 0) continue
        const text = lines.map((line) => `${line}\n`).join('')
        files.push({ path: `${trainer}/${method}/${side}.jsonl`, text })
      }
      const tested = sides.test.length > 0
      files.push(...configsFor(trainer, input.model, { method, maxTokens: input.maxTokens, tested }))
    }
  }
  const count = (verdict: TuneExample['verdict']) => examples.filter((each) => each.verdict === verdict).length
  const counts = {
    examples: examples.length,
    accepted: count('accepted'),
    edited: count('edited'),
    rejected: count('rejected'),
    duplicates: records.duplicates,
    tooLong: records.tooLong,
    secrets: Object.values(records.secrets).reduce((sum, each) => sum + each, 0),
    sft: records.sft.length,
    dpo: records.dpo.length,
    kto: records.kto.length,
  }
  files.push({ path: 'README.md', text: cardOf({ examples, records, counts, testSide, model: input.model }) })
  return { files, counts }
}
