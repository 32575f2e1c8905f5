// Which rule and step answers a conversation: pure, but for the tally that the caller keeps.
import type { Conversation, Loose, Said } from './conversation.ts'
import type { Fault, Rule, Script, Step, When } from './script.ts'

export interface Choice {
  /** Index of the rule, or null when none matched. */
  rule: number | null
  step: Step
  fault: Fault | null
}

/** Says how a directory is told to a model by the agents seen so far. */
const cwdPatterns = [
  /\[\[cwd=([^\]]+)\]\]/,
  /<cwd>\s*([^<\s][^<]*?)\s*<\/cwd>/,
  /working (?:in the (?:following )?)?director(?:y|ies)\b[^/\n]{0,40}(?:\n\s*-\s*)?[`"'(]?(\/[^\s`"'<)]+)/i,
  /\bcwd\b[^/\n]{0,6}(\/[^\s`"'<)]+)/i,
]

/** The agent's working directory as far as the conversation tells, else ''. */
export function readCwd(conversation: Conversation): string {
  for (const pattern of cwdPatterns) {
    for (const { role, text } of conversation.said) {
      const found = role === 'system' || role === 'user' ? pattern.exec(text)?.[1] : undefined
      if (found) return found.replace(/[.,;:]+$/, '')
    }
  }
  return ''
}

const lastIndex = (said: Said[], role: Said['role'], text: string): number =>
  said.findLastIndex((one) => one.role === role && one.text.includes(text))

/** The messages that count as "so far": those after the latest user message a rule was matched by. */
function since(when: When, said: Said[]): Said[] {
  const text = when.user ?? when.lastUser
  return text === undefined ? said : said.slice(lastIndex(said, 'user', text) + 1)
}

const toolResults = (said: Said[]): number => said.filter((one) => one.role === 'tool').length
const rounds = (said: Said[]): number =>
  said.filter((one, index) => one.role === 'tool' && said[index - 1]?.role !== 'tool').length

const tests: { [Key in keyof When]-?: (want: NonNullable<When[Key]>, c: Conversation, when: When) => boolean } = {
  lastUser: (want, { said }) => said.findLast((one) => one.role === 'user')?.text.includes(want) ?? false,
  user: (want, { said }) => lastIndex(said, 'user', want) >= 0,
  any: (want, { said }) => said.some((one) => one.text.includes(want)),
  lastTool: (want, { said }) => said.findLast((one) => one.role === 'tool')?.text.includes(want) ?? false,
  toolResults: (want, { said }, when) => toolResults(since(when, said)) === want,
  image: (want, { said }) => said.some((one) => one.images > 0) === want,
  tools: (want, { tools }) => tools.length > 0 === want,
  model: (want, { model }) => model === want,
}

const matches = (when: When, conversation: Conversation): boolean =>
  (Object.keys(when) as (keyof When)[]).every(
    (key) => when[key] === undefined || (tests[key] as Loose)(when[key], conversation, when),
  )

/** `tally` counts how often each rule (`3`) and each fault (`3.0!`) was used. */
export function choose(script: Script, conversation: Conversation, tally: Map<string, number>): Choice {
  const spend = (key: string, most: number): boolean => {
    const used = tally.get(key) ?? 0
    if (used >= most) return false
    tally.set(key, used + 1)
    return true
  }
  for (const [index, rule] of script.rules.entries()) {
    if (!matches(rule.when, conversation) || !spend(String(index), rule.times ?? Infinity)) continue
    const { number, step } = stepOf(rule, conversation)
    const struck = step.fault && spend(`${index}.${number}!`, step.fault.times)
    return { rule: index, step, fault: struck ? step.fault! : null }
  }
  return { rule: null, step: { text: script.otherwise }, fault: null }
}

function stepOf(rule: Rule, conversation: Conversation): { number: number; step: Step } {
  if (!rule.steps || rule.steps.length === 0) return { number: 0, step: rule }
  const number = Math.min(rounds(since(rule.when, conversation.said)), rule.steps.length - 1)
  return { number, step: rule.steps[number]! }
}
