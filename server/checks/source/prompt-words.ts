// What a prompt names: paths, identifiers and plain words, and what it says to leave alone.

export interface PromptWords {
  /** Paths and file names, as written. */
  paths: string[]
  /** Words that look like code: in backticks, camelCase, snake_case, dotted, with a call's brackets. */
  identifiers: string[]
  /** All words of three letters and more, lower case. */
  words: ReadonlySet<string>
  /** Paths or names after "do not touch" and the like. */
  untouchable: string[]
}

const pathLike =
  /(?:[\w@.-]+\/)+[\w@.*-]+|\b[\w-]+\.(?:[cm]?[jt]sx?|json|ya?ml|toml|md|py|go|rs|css|html|sql|sh|rb|java|kt)\b/g
const codeLike =
  /`([^`\n]{1,120})`|\b([a-z]+(?:[A-Z][a-z0-9]*)+|[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+|[A-Za-z]+_\w+|[A-Z_]{3,})\b|\b(\w+)\(\)/g
const keepAway =
  /\b(?:do not|don't|don’t|never|without|must not|no need to)\s+(?:touch(?:ing)?|chang(?:e|ing)|edit(?:ing)?|modify(?:ing)?|alter(?:ing)?)\s+((?:[^.;\n]|\.(?=\S)){1,160})|\bleave\s+((?:[^.;\n]|\.(?=\S)){1,160}?)\s+(?:alone|unchanged|as (?:it|they) (?:is|are))/gi

export function readPrompt(prompt: string): PromptWords {
  const text = prompt.slice(0, 50_000)
  const untouchable: string[] = []
  for (const match of text.matchAll(keepAway)) untouchable.push(...namesIn(match[1] ?? match[2] ?? ''))
  const identifiers = [...text.matchAll(codeLike)].flatMap((match) => {
    const name = match[1] ?? match[2] ?? match[3] ?? ''
    return [name, ...name.split(/[^\w$]+/)].filter((part) => part.length > 1)
  })
  return {
    paths: [...new Set([...text.matchAll(pathLike)].map((match) => match[0]))],
    identifiers: [...new Set(identifiers)],
    words: new Set((text.toLowerCase().match(/[a-z][a-z0-9]{2,}/g) ?? []).map(stemWord)),
    untouchable,
  }
}

function namesIn(text: string): string[] {
  const code = [...text.matchAll(codeLike)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
  return [...new Set([...[...text.matchAll(pathLike)].map((match) => match[0]), ...code])]
}

/** Whether the prompt names this identifier or path. */
export function names(words: PromptWords, name: string): boolean {
  if (words.identifiers.includes(name) || words.paths.includes(name)) return true
  return words.paths.some((path) => name.endsWith(`/${path}`) || name.startsWith(`${path.replace(/\/$/, '')}/`))
}

/** `prices` and `price`, `removing` and `remov` meet. */
export function stemWord(word: string): string {
  return word.toLowerCase().replace(/(?:ing|ed|es|s|e)$/, '')
}

/** The parts of a camelCase or snake_case name, stemmed. */
export function partsOf(name: string): string[] {
  const parts = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').split(/[^A-Za-z0-9]+/)
  return parts.filter((part) => part.length > 2).map(stemWord)
}
