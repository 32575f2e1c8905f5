// The card of a dataset: what went in, what was left out and why, and how it is split.
import type { TuneExample, TuneExport } from '@seatrial/protocol'
import type { Records } from './records.ts'

export function cardOf(input: {
  examples: TuneExample[]
  records: Records
  counts: TuneExport['counts']
  testSide: ReadonlySet<string>
  model: string
}): string {
  const { examples, records, counts, testSide, model } = input
  const projects = [...new Set(examples.map(({ project }) => project))].sort()
  const by = (key: (example: TuneExample) => string) =>
    [...Map.groupBy(examples, key)]
      .sort((a, b) => b[1].length - a[1].length)
      .map(([name, group]) => `| ${cell(name)} | ${group.length} |`)
  const reasons = by(({ reason, verdict }) => (verdict === 'accepted' ? '' : reason.slice(0, 80))).filter(
    (row) => !row.startsWith('|  |'),
  )
  const secrets = Object.entries(records.secrets).map(([kind, count]) => `| ${kind} | ${count} |`)
  return [
    '# Decisions as training material',
    '',
    `For tuning \`${model}\`. Made from ${counts.examples} decided candidates of ${projects.length} projects, ${spanOf(examples)}.`,
    '',
    '| | |',
    '|---|---|',
    `| accepted | ${counts.accepted} |`,
    `| accepted after an edit | ${counts.edited} |`,
    `| rejected | ${counts.rejected} |`,
    `| left out as duplicates | ${counts.duplicates} |`,
    `| left out as too long | ${counts.tooLong} |`,
    `| conversations to learn from (SFT) | ${counts.sft} |`,
    `| preferences (DPO) | ${counts.dpo} |`,
    `| verdicts (KTO) | ${counts.kto} |`,
    '',
    '## Length',
    `${statsOf(records.tokens)} Tokens are estimated at 3.5 characters each; the trainer counts exactly.`,
    '',
    '## Split',
    'By project, so that no repository is on both sides.',
    '',
    '| project | candidates | side |',
    '|---|---|---|',
    ...projects.map((project) => {
      const count = examples.filter((each) => each.project === project).length
      return `| ${cell(project)} | ${count} | ${testSide.has(project) ? 'test' : 'train'} |`
    }),
    ...(testSide.size === 0
      ? ['', 'There is one project only, so nothing is held back: judge the result on other work.']
      : []),
    '',
    '## Contenders',
    '| contender | candidates |',
    '|---|---|',
    ...by(({ contender }) => contender),
    '',
    '## Why candidates were turned down or edited',
    ...(reasons.length === 0 ? ['No reasons were given.'] : ['| reason | candidates |', '|---|---|', ...reasons]),
    '',
    '## Secrets',
    counts.secrets === 0
      ? 'None were found. The search knows common key formats and assignments; it is no proof that none are left.'
      : `${counts.secrets} were replaced by \`<secret:KIND>\`. The search knows common key formats and assignments; it is no proof that none are left.`,
    ...(secrets.length === 0 ? [] : ['', '| kind | found |', '|---|---|', ...secrets]),
    '',
    '## What to know before training',
    '- Loss belongs on assistant turns only; the settings beside this card say so.',
    '- People accept what they understand: the record leans towards small changes.',
    '- KTO and DPO need rejections. With few of them, start with SFT.',
    '- The licences of the projects apply to what is in here.',
    '',
  ].join('\n')
}

function statsOf(tokens: number[]): string {
  if (tokens.length === 0) return 'Nothing was kept.'
  const sorted = [...tokens].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
  const total = sorted.reduce((sum, count) => sum + count, 0)
  return `${total} tokens in all; median ${at(0.5)}, nine in ten below ${at(0.9)}, longest ${sorted.at(-1)}.`
}

function spanOf(examples: TuneExample[]): string {
  const days = examples.map(({ at }) => at.slice(0, 10)).sort()
  return days.length === 0 ? 'none yet' : `${days[0]} to ${days.at(-1)}`
}

const cell = (text: string) => text.replace(/[|\n\r]/g, ' ')
