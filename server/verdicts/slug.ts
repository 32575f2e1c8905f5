// Names as addresses: `opencode+devstral` becomes `opencode-devstral`, a pair becomes `a-vs-b`.

export const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 60) || 'unnamed'

export const slugOfPair = (a: string, b: string): string => `${slugOf(a)}-vs-${slugOf(b)}`

/** `b-vs-a` for `a-vs-b`; null when it is no pair. A name may itself hold `-vs-`, so all ways are given. */
export function swapped(slug: string): string[] {
  const found: string[] = []
  for (let at = slug.indexOf('-vs-'); at >= 0; at = slug.indexOf('-vs-', at + 1))
    found.push(`${slug.slice(at + 4)}-vs-${slug.slice(0, at)}`)
  return found
}
