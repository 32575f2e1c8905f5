// From plain sentences to steps. What is not understood is never guessed at: then there are no steps at all.
import { isName } from '../rename/names.ts'
import type { Step } from './step.ts'

export type Read = { steps: Step[] } | { unclear: string }

export const forms =
  'I take "rename X to Y", "rename X in src/a.ts:12 to Y", "move src/a.ts to src/lib/a.ts", "rewrite \'pattern\' to \'replacement\'" and "verify", joined by "then", ";" or new lines'

export function readSteps(prompt: string): Read {
  const kept: string[] = []
  const masked = mask(prompt.replace(/^[ \t]*(?:[-*•]|\d+[.)])[ \t]+/gm, ''), kept)
  const parts = masked.split(
    /\r?\n+|;|[,.]?\s+\b(?:and\s+)?then\b[,:]?\s+|[,.]?\s+\band\s+(?=(?:rename|move|rewrite|replace|verify|type-?check)\b)|\.\s+(?=[A-Za-z])|,\s+(?=(?:rename|move|rewrite|replace|verify)\b)/i,
  )
  const steps: Step[] = []
  for (const part of parts) {
    const sentence = bare(part)
    if (sentence === '') continue
    const step = readers.map((read) => read(sentence, kept)).find((one) => one !== null)
    if (!step) return { unclear: `I did not understand "${unmask(sentence, kept).slice(0, 120)}"; ${forms}.` }
    steps.push(step)
  }
  return steps.length > 0 ? { steps } : { unclear: `There is nothing to do in this prompt; ${forms}.` }
}

const mark = (index: number): string => `\u0001${index}\u0002`
const quote = String.raw`\u0001(\d+)\u0002`

/** Quoted text may hold any word or sign, so it is set aside before the sentences are cut. */
function mask(prompt: string, kept: string[]): string {
  const quoted = /(?<![\p{L}\p{N}])(?:"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'(?![\p{L}])|`([^`\n]*)`)|“([^”\n]*)”/gu
  return prompt.replace(quoted, (_, ...groups: (string | undefined)[]) => {
    const text = groups.slice(0, 4).find((one) => one !== undefined) ?? ''
    return mark(kept.push(text.replace(/\\(["'\\])/g, '$1')) - 1)
  })
}

const unmask = (text: string, kept: string[]): string =>
  text.replace(new RegExp(quote, 'g'), (_, index) => kept[Number(index)] ?? '')

/** Drops politeness and the full stop at the end. */
function bare(part: string): string {
  let text = part.trim().replace(/^refactor\s+(?=rename|move|rewrite|verify)/, '')
  const polite =
    /^(?:please|kindly|first(?:ly)?|second(?:ly)?|next|finally|also|now|afterwards|and|then|let'?s|(?:can|could|would|will) you(?: please)?|i (?:want|need|would like|'d like) (?:you )?to|we (?:want|need) to|you should)[,:]?\s+/i
  for (let next = text.replace(polite, ''); next !== text; next = text.replace(polite, '')) text = next
  return text
    .replace(/[\s.!?,]+$/, '')
    .replace(/,?\s+please$/i, '')
    .trim()
}

type Reader = (sentence: string, kept: string[]) => Step | null

const everywhere = String.raw`(,?\s+(?:everywhere|throughout(?:\s+.*)?|(?:across|in|over)\s+(?:the\s+)?(?:whole|entire|all|every|code|repo|mono|project|work).*|and (?:update|mend|fix) (?:all |every )?(?:the )?(?:imports?|references?|usages?|importers|callers)(?: .*)?))?`
const kind =
  '(?:class|function|method|type|interface|enum|variable|constant|const|property|field|member|symbol|component|hook|identifier|namespace|error)'
const kinds = String.raw`(?:(?:the|a|our)\s+)?(?:exported\s+)?(?:${kind}\s+){0,3}(?:(?:called|named)\s+)?`
const things = String.raw`(?:(?:the|our)\s+)?(?:(?:file|folder|directory|module|source file)\s+)?`
const word = String.raw`(\u0001\d+\u0002|[^\s\u0001]+)`
const arrow = String.raw`(?:\s+(?:to|into|as|=>|->|→)\s+|\s*(?:=>|->|→)\s*)`

const isPath = (text: string): boolean => /[/\\]/.test(text) || /\.(?:[cm]?[jt]sx?|json|css|scss)$/.test(text)
const path = (text: string): string => text.replace(/\\/g, '/')

const rename: Reader = (sentence, kept) => {
  const where = String.raw`(?:\s+(?:in|at|from|of|on|declared in|defined in)\s+${things}${word})?`
  const form = new RegExp(
    String.raw`^(?:rename|change the name of)\s+${kinds}${word}${where}${arrow}(?:be\s+(?:called|named)\s+)?${word}${where}${everywhere}$`,
    'i',
  )
  const match = form.exec(sentence)
  if (!match) return null
  const [symbol, before, to, after, all] = match
    .slice(1)
    .map((one) => (one === undefined ? undefined : unmask(one, kept)))
  if (isPath(symbol!) && !symbol!.includes('#'))
    return isPath(to!) && !before && !after ? { do: 'move', from: path(symbol!), to: path(to!) } : null
  const at = before ?? after
  if (at !== undefined && !isPath(at.replace(/:\d+(?::\d+)?$/, ''))) return null
  return {
    do: 'rename',
    symbol: symbol!.replace(/\(\)$/, ''),
    to: to!.replace(/\(\)$/, ''),
    ...(at ? { at: path(at) } : {}),
    ...(all ? { everywhere: true } : {}),
  }
}

const move: Reader = (sentence, kept) => {
  const match = new RegExp(
    String.raw`^(?:move|relocate|mv|git mv)\s+${things}${word}(?:\s+(?:to|into|under|in)\s+|\s*(?:=>|->|→)\s*|\s+)${things}${word}${everywhere}$`,
    'i',
  ).exec(sentence)
  if (!match) return null
  const [from, to] = match.slice(1, 3).map((one) => path(unmask(one!, kept)))
  const intoFolder = /\.[a-z0-9]+$/i.test(from!) && !/\.[a-z0-9]+$/i.test(to!) && !to!.endsWith('/')
  return { do: 'move', from: from!, to: intoFolder ? `${to}/` : to! }
}

const rewrite: Reader = (sentence, kept) => {
  const within = String.raw`(?:\s+(?:in|below|under|within)\s+${things}${word})?`
  const match = new RegExp(
    String.raw`^(?:rewrite|replace|change)\s+(?:(?:the\s+)?(?:code|pattern|calls?(?: to| of)?|every|all)\s+)?${quote}(?:\s+(?:to|with|into|as|by)\s+|\s*(?:=>|->|→)\s*|\s+)${quote}${within}${everywhere}$`,
    'i',
  ).exec(sentence)
  if (!match) return null
  const within_ = match[3] === undefined ? undefined : path(unmask(match[3], kept))
  return {
    do: 'rewrite',
    pattern: kept[Number(match[1])]!,
    replacement: kept[Number(match[2])]!,
    ...(within_ ? { within: within_ } : {}),
  }
}

const verify: Reader = (sentence) =>
  /^(?:verify|type-?check|check(?: the)? types?|run(?: the)? type-?check(?:er)?)(?:\s+(?:it|that|the|everything|all|types?|result|still|compiles|builds|code|tree|no|new|errors?|there|are|is|nothing|broke|whole|repo(?:sitory)?|monorepo|project)\b)*$/i.test(
    sentence,
  )
    ? { do: 'verify' }
    : null

/** The command line as it is typed: `rename X Y --at src/a.ts --everywhere`. */
const command: Reader = (sentence, kept) => {
  const match = new RegExp(String.raw`^rename\s+${word}\s+${word}((?:\s+--(?:at\s+\S+|everywhere))*)$`, 'i').exec(
    sentence,
  )
  const [symbol, to] = match?.slice(1, 3).map((one) => unmask(one, kept)) ?? []
  if (!match || !symbol || !to || !isName(to) || new RegExp(`^${kind}$`, 'i').test(symbol)) return null
  const at = /--at\s+(\S+)/.exec(match[3]!)?.[1]
  return {
    do: 'rename',
    symbol,
    to,
    ...(at ? { at: path(unmask(at, kept)) } : {}),
    ...(/--everywhere/.test(match[3]!) ? { everywhere: true } : {}),
  }
}

const readers: Reader[] = [rename, move, rewrite, verify, command]
