// Ids a person can read aloud and type: a letter for the kind, then eight characters without look-alikes.
const alphabet = '23456789abcdefghjkmnpqrstvwxyz'

/** The kinds of thing that carry an id, with the letter each id starts with. */
export const idPrefix = {
  project: 'p',
  task: 't',
  trial: 'r',
  checkpoint: 'k',
  decision: 'd',
  ask: 'q',
  review: 'v',
  comment: 'n',
  person: 'u',
} as const

/** A fresh id such as `t-7kq2m9xz`; 30^8 possibilities from a cryptographic source. */
export function newId(kind: keyof typeof idPrefix): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8))
  let tail = ''
  for (const byte of bytes) tail += alphabet[byte % alphabet.length]
  return `${idPrefix[kind]}-${tail}`
}
