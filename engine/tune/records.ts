// From decided trials to what trainers learn from, before any trainer's format: conversations, preferences, verdicts.
import { createHash } from 'node:crypto'
import type { TuneExample } from '@seatrial/protocol'
import { scrub } from './scrub.ts'

export type Turn = TuneExample['messages'][number]
export type ToolDef = TuneExample['tools'][number]

interface Common {
  project: string
  tools: ToolDef[]
}
export interface Conversation extends Common {
  messages: Turn[]
}
export interface Preference extends Common {
  prompt: Turn[]
  chosen: Turn[]
  rejected: Turn[]
}
export interface Verdict extends Common {
  prompt: Turn[]
  completion: Turn[]
  label: boolean
}

export interface Records {
  sft: Conversation[]
  dpo: Preference[]
  kto: Verdict[]
  duplicates: number
  tooLong: number
  secrets: Record<string, number>
  /** Estimated tokens of every conversation that was kept. */
  tokens: number[]
}

const systemText =
  'You change code. Answer with one unified diff against the given base, in a fenced block, and nothing else.'
const turn = (role: Turn['role'], content: string): Turn => ({
  role,
  content,
  toolCalls: [],
  toolCallId: null,
  images: [],
})
const patch = (diff: string): Turn => turn('assistant', `\`\`\`diff\n${diff.replace(/\n?$/, '\n')}\`\`\``)

/** Three and a half characters a token is what code comes to with the usual tokenisers; an estimate, and called one. */
export const estimateTokens = (turns: Turn[]): number =>
  Math.ceil(
    turns.reduce((sum, { content, toolCalls }) => sum + content.length + JSON.stringify(toolCalls).length, 0) / 3.5,
  )

export function makeRecords(examples: TuneExample[], maxTokens: number): Records {
  const records: Records = { sft: [], dpo: [], kto: [], duplicates: 0, tooLong: 0, secrets: {}, tokens: [] }
  const seen = new Set<string>()
  const kept: TuneExample[] = []
  for (const example of [...examples]
    .sort((a, b) => a.at.localeCompare(b.at))
    .map((each) => scrubbed(each, records.secrets))) {
    const key = digest([squeezed(example.prompt), squeezed(example.edited ?? example.diff), example.verdict])
    if (seen.has(key)) {
      records.duplicates++
      continue
    }
    seen.add(key)
    const tokens = estimateTokens([...promptOf(example), ...outcomeOf(example)])
    if (tokens > maxTokens) {
      records.tooLong++
      continue
    }
    records.tokens.push(tokens)
    kept.push(example)
  }
  for (const example of kept) {
    const common = { project: example.project, tools: example.tools }
    const prompt = promptOf(example)
    if (example.verdict !== 'rejected') records.sft.push({ ...common, messages: [...prompt, ...outcomeOf(example)] })
    if (example.verdict === 'edited' && example.edited !== null) {
      records.dpo.push({ ...common, prompt, chosen: [patch(example.edited)], rejected: [patch(example.diff)] })
      records.kto.push({ ...common, prompt, completion: [patch(example.edited)], label: true })
    } else {
      records.kto.push({ ...common, prompt, completion: [patch(example.diff)], label: example.verdict !== 'rejected' })
    }
  }
  records.dpo.push(...rivals(kept))
  return records
}

/** Accepted and rejected candidates of one task are a preference. */
function rivals(examples: TuneExample[]): Preference[] {
  const tasks = Map.groupBy(examples, ({ project, base, prompt }) => digest([project, base, squeezed(prompt)]))
  return [...tasks.values()].flatMap((group) => {
    const good = group.filter(({ verdict }) => verdict !== 'rejected')
    const bad = group.filter(({ verdict }) => verdict === 'rejected')
    return good.flatMap((winner) =>
      bad.map((loser) => ({
        project: winner.project,
        tools: [],
        prompt: promptOf({ ...winner, messages: [] }),
        chosen: [patch(winner.edited ?? winner.diff)],
        rejected: [patch(loser.diff)],
      })),
    )
  })
}

function promptOf(example: TuneExample): Turn[] {
  const firstAnswer = example.messages.findIndex(({ role }) => role === 'assistant')
  if (firstAnswer > 0) return example.messages.slice(0, firstAnswer)
  return [turn('system', systemText), turn('user', example.prompt)]
}

/** What should be learnt: the kept conversation, unless a person's edit is better than it. */
function outcomeOf(example: TuneExample): Turn[] {
  const firstAnswer = example.messages.findIndex(({ role }) => role === 'assistant')
  if (example.edited !== null) return [patch(example.edited)]
  return firstAnswer > 0 ? example.messages.slice(firstAnswer) : [patch(example.diff)]
}

function scrubbed(example: TuneExample, counts: Record<string, number>): TuneExample {
  const clean = (text: string) => {
    const result = scrub(text)
    for (const [kind, count] of Object.entries(result.found)) counts[kind] = (counts[kind] ?? 0) + count
    return result.text
  }
  return {
    ...example,
    prompt: clean(example.prompt),
    diff: clean(example.diff),
    edited: example.edited === null ? null : clean(example.edited),
    reason: clean(example.reason),
    messages: example.messages.map((message) => ({
      ...message,
      content: clean(message.content),
      toolCalls: message.toolCalls.map((call) => ({ ...call, arguments: clean(call.arguments) })),
    })),
  }
}

const squeezed = (text: string) => text.replace(/\s+/g, ' ').trim()
const digest = (parts: string[]) => createHash('sha256').update(parts.join('\u0000')).digest('hex')
