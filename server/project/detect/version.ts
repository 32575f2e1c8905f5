// Reads version numbers as people write them in .nvmrc, engines and packageManager.

export interface Version {
  major: number
  minor: number | null
  patch: number | null
}

/** The first version in the text, e.g. of `v20.11`, `^22.1.0` or `>=18`; null when there is none. */
export function parse(text: string): Version | null {
  const found = /(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text)
  if (!found) return null
  const number = (part: string | undefined) => (part === undefined ? null : Number(part))
  return { major: Number(found[1]), minor: number(found[2]), patch: number(found[3]) }
}

const compare = (a: Version, b: Version): number =>
  a.major - b.major || (a.minor ?? 0) - (b.minor ?? 0) || (a.patch ?? 0) - (b.patch ?? 0)

/** Whether `actual` will do where `wanted` is asked for: the same major, or at least it after `>=`. */
export function satisfies(actual: string, wanted: string): boolean {
  const has = parse(actual)
  if (!has) return true
  return wanted.split('||').some((option) => {
    const asks = parse(option)
    if (!asks) return true
    if (/^\s*>/.test(option)) return compare(has, asks) >= 0
    if (has.major !== asks.major) return false
    return /[\^]/.test(option) || asks.minor === null ? compare(has, asks) >= 0 : has.minor === asks.minor
  })
}
