// A reviewer that is a model: optional, asked twice in both orders, its findings kept only where they can be checked.
import { readFileSync } from 'node:fs'
import type { Diff, Finding, Review, Signal, Stance, Vote } from '@seatrial/protocol'
import { plainText } from '@seatrial/protocol/plain-text'
import { z } from 'zod'
import { bars, logit, sigmoid, stances, weightOf } from './stances.ts'
import { withoutNames } from './without-names.ts'
import { writeText } from './write-review.ts'

const Answer = z.object({
  vote: z.enum(['ship', 'skip', 'abstain']),
  pShip: z.number().min(0).max(1),
  findings: z
    .array(
      z.object({
        path: z.string().nullish(),
        line: z.number().int().nullish(),
        sentence: z.string(),
        signalId: z.string().nullish(),
      }),
    )
    .max(50)
    .default([]),
  changeMyMind: z.string().default(''),
})
type Answer = z.infer<typeof Answer>

/** What `ask` is to hold the model to, where the endpoint can. */
export const answerSchema = z.toJSONSchema(Answer)

export interface ModelReviewerOptions {
  /** Sends a prompt to the model, through the gateway; `schema` is a JSON schema of the answer. A refusal says why none came. */
  ask(prompt: string, schema: object): Promise<string>
  /** Name of the model as the house knows it. */
  model: string
  /** Who made it, e.g. `mistral`; a model never judges a contender of its own family. */
  family: string
  stance: Stance
}

export interface ModelReviewInput {
  tree: string
  diff: Diff
  signals: readonly Signal[]
  prompt: string
  /** Families of the models behind the contenders of the task. */
  contenderFamilies: readonly string[]
  /** Words that give a contender away: its id, its agent, its model. */
  contenderNames: readonly string[]
}

const template = readFileSync(new URL('./prompts/model-review.md', import.meta.url), 'utf8')
const mostDiffCharacters = 60_000

/** Reviews one candidate. Never throws for what the model says: an unusable answer is an abstention that says so. */
export async function modelReview(options: ModelReviewerOptions, input: ModelReviewInput): Promise<Review> {
  const family = options.family.toLowerCase()
  if (input.contenderFamilies.some((one) => one.toLowerCase() === family)) {
    return silent(options, 'Of the same family as a contender, so its word does not count.')
  }
  const sections = sectionsOf(options.stance, input)
  const answers: Answer[] = []
  for (const order of [sections, sections.toReversed()]) {
    const answer = readAnswer(await options.ask(fill(options.stance, order), answerSchema))
    if (!answer) return silent(options, 'Its answer was not in the form that was asked for.')
    answers.push(answer)
  }
  return join(options, input, answers as [Answer, Answer])
}

function join(options: ModelReviewerOptions, input: ModelReviewInput, [first, second]: [Answer, Answer]): Review {
  const pShip = sigmoid((logit(first.pShip) + logit(second.pShip)) / 2)
  // A vote that turns with the order of the material is no vote.
  const vote: Vote = first.vote === second.vote && agrees(first.vote, pShip) ? first.vote : 'abstain'
  const findings = keepFindings([...first.findings, ...second.findings], input)
  const cited = new Set(findings.map((one) => one.signalId))
  const { weights } = stances[options.stance]
  const seen = input.signals.filter((one) => one.tree === input.tree && weights[one.kind])
  const strength = (one: Signal): number => Math.abs(weights[one.kind] ? weightOf(one, weights[one.kind]!) : 0)
  const ordered = seen.toSorted(
    (a, b) => Number(cited.has(b.id)) - Number(cited.has(a.id)) || strength(b) - strength(a),
  )
  const { text, cites } = writeText(ordered.slice(0, 3))
  return {
    stance: options.stance,
    engine: `model:${options.model}`,
    family: options.family.toLowerCase(),
    vote,
    pShip: Math.round((vote === 'abstain' ? 0.5 : pShip) * 1000) / 1000,
    text,
    cites,
    changeMyMind:
      vote === 'abstain' && first.vote !== second.vote
        ? 'My vote turned with the order of the material.'
        : tidy(first.changeMyMind),
    forecast: null,
    findings,
    excluded: null,
  }
}

const agrees = (vote: Vote, pShip: number): boolean =>
  vote === 'abstain' || (vote === 'ship' ? pShip >= bars.ship : pShip <= bars.skip)
const tidy = (text: string): string => plainText(text).replace(/\s+/g, ' ').trim().slice(0, 300)

/** Findings that point into the diff or at a signal, each once, at most six. */
export function keepFindings(
  raw: Answer['findings'],
  input: Pick<ModelReviewInput, 'diff' | 'signals' | 'tree'>,
): Finding[] {
  const signals = new Set(input.signals.filter((one) => one.tree === input.tree).map((one) => one.id))
  const kept: Finding[] = []
  for (const one of raw) {
    const signalId = one.signalId && signals.has(one.signalId) ? one.signalId : null
    const path = one.path ?? ''
    const inDiff = one.line != null && showsLine(input.diff, path, one.line)
    const sentence = tidy(one.sentence)
    if (sentence === '' || (!signalId && !inDiff)) continue
    const finding: Finding = { path: inDiff ? path : '', line: inDiff ? (one.line ?? null) : null, sentence, signalId }
    if (kept.some((other) => sameFinding(other, finding))) continue
    kept.push(finding)
  }
  return kept.slice(0, 6)
}

function showsLine(diff: Diff, path: string, line: number): boolean {
  const file = diff.files.find((one) => one.path === path || one.oldPath === path)
  return file?.hunks.some((hunk) => line >= hunk.newStart && line < hunk.newStart + Math.max(1, hunk.newLines)) ?? false
}

/** The same place within three lines, or mostly the same words. */
function sameFinding(a: Finding, b: Finding): boolean {
  if (a.path !== '' && a.path === b.path && Math.abs((a.line ?? 0) - (b.line ?? 0)) <= 3) return true
  const words = (text: string): Set<string> => new Set(text.toLowerCase().match(/\w{3,}/g) ?? [])
  const [x, y] = [words(a.sentence), words(b.sentence)]
  const shared = [...x].filter((word) => y.has(word)).length
  return a.path === b.path && shared / Math.max(1, Math.min(x.size, y.size)) > 0.6
}

/** A review that says only why there is none. */
export const silent = (
  { stance, model, family }: Pick<ModelReviewerOptions, 'stance' | 'model' | 'family'>,
  why: string,
): Review => ({
  stance,
  engine: `model:${model}`,
  family: family.toLowerCase(),
  vote: 'abstain',
  pShip: 0.5,
  text: '',
  cites: [],
  changeMyMind: '',
  forecast: null,
  findings: [],
  excluded: why,
})

function readAnswer(text: string): Answer | null {
  const found = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)
  try {
    const answer = Answer.safeParse(JSON.parse(found))
    return answer.success ? answer.data : null
  } catch {
    // Not JSON at all.
    return null
  }
}

interface Section {
  title: string
  text: string
}

/** What the model sees of its own stance: no names, no summary by the agent, nothing of the other stances. */
function sectionsOf(stance: Stance, input: ModelReviewInput): Section[] {
  const { weights } = stances[stance]
  const signals = input.signals
    .filter((one) => weights[one.kind])
    .map((one) => `[${one.id}] ${one.state}${one.verdict ? `, ${one.verdict}` : ''}: ${one.sentence}`)
  const diff = input.diff.files
    .filter((file) => !file.binary && !file.collapsed)
    .map((file) => [`--- ${file.oldPath ?? file.path}`, `+++ ${file.path}`, ...file.hunks.flatMap(hunkText)].join('\n'))
  const strip = (text: string): string => withoutNames(plainText(text), input.contenderNames)
  return [
    { title: 'What was asked for', text: strip(input.prompt).slice(0, 20_000) },
    { title: 'Signals', text: strip(signals.join('\n')) },
    { title: 'Diff', text: strip(diff.join('\n')).slice(0, mostDiffCharacters) },
  ]
}

const hunkText = (hunk: Diff['files'][number]['hunks'][number]): string[] => [
  `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@ ${hunk.section}`,
  ...hunk.lines,
]

const line = '='.repeat(24)
const fill = (stance: Stance, sections: readonly Section[]): string =>
  template
    .replace('{stance}', stance)
    .replace('{cares}', stances[stance].cares)
    .replace('{sections}', () => sections.map(({ title, text }) => `${line} ${title}\n${text}\n${line}`).join('\n\n'))
