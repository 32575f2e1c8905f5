// Random checkouts and candidates: what the base holds, what the agent did, what the user committed, staged and typed.
import fc from 'fast-check'

/** One edit of a file: lines inserted, replaced or removed at a place (a fraction of the file). */
interface LineEdit {
  at: number
  remove: number
  insert: number
}
type FileEdit = { kind: 'lines'; edits: LineEdit[] } | { kind: 'delete' } | { kind: 'rewrite' } | { kind: 'exec' }

export interface Case {
  files: number[]
  crlf: boolean
  agent: { file: number; edit: FileEdit }[]
  agentNew: number
  committed: { file: number; edit: FileEdit }[]
  staged: { file: number; edit: FileEdit }[]
  typed: { file: number; edit: FileEdit }[]
  untracked: number
  stash: boolean
  partial: number[] | null
  target: 'checkout' | 'commit'
  onConflict: 'refuse' | 'branch' | 'markers'
  /** What the agent changed again when it was sent back; empty when it was not. */
  rework: { file: number; edit: FileEdit }[]
  later: { file: number; edit: FileEdit }[]
}

const lineEdit = fc.record({ at: fc.nat(99), remove: fc.nat(3), insert: fc.nat(3) })
const fileEdit: fc.Arbitrary<FileEdit> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('lines' as const),
      edits: fc.array(lineEdit, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'delete' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'rewrite' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'exec' as const }) },
)
const edits = (maxLength: number) => fc.array(fc.record({ file: fc.nat(3), edit: fileEdit }), { maxLength })

export const cases: fc.Arbitrary<Case> = fc.record({
  files: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 2, maxLength: 4 }),
  crlf: fc.boolean(),
  agent: fc.array(fc.record({ file: fc.nat(3), edit: fileEdit }), { minLength: 1, maxLength: 3 }),
  agentNew: fc.nat(2),
  committed: edits(2),
  staged: edits(2),
  typed: edits(2),
  untracked: fc.nat(2),
  stash: fc.boolean(),
  partial: fc.option(fc.array(fc.nat(5), { minLength: 1, maxLength: 3 })),
  target: fc.constantFrom('checkout', 'checkout', 'checkout', 'commit'),
  onConflict: fc.constantFrom('refuse', 'refuse', 'branch', 'markers'),
  rework: edits(2),
  later: edits(1),
})

export type Files = Record<string, { text: string; exec: boolean }>
export const nameOf = (number: number): string =>
  ['a.txt', 'dir/b.txt', 'dir/deep er/c.txt', 'd ü.txt'][number % 4] as string

/** Every line an author writes is unlike any other, so that a lost or moved line cannot hide. */
export function authored(
  files: Files,
  author: string,
  list: { file: number; edit: FileEdit }[],
  counter: { n: number },
): Files {
  const next: Files = { ...files }
  for (const { file, edit } of list) {
    const name = nameOf(file)
    const old = next[name]
    if (!old) continue
    if (edit.kind === 'delete') delete next[name]
    else if (edit.kind === 'exec') next[name] = { ...old, exec: !old.exec }
    else if (edit.kind === 'rewrite') next[name] = { ...old, text: `${author} ${counter.n++}\n` }
    else {
      const lines = old.text.split('\n').slice(0, -1)
      for (const { at, remove, insert } of edit.edits) {
        const from = Math.floor((at / 100) * (lines.length + 1))
        lines.splice(from, remove, ...Array.from({ length: insert }, () => `${author} ${counter.n++}`))
      }
      next[name] = { ...old, text: lines.map((text) => `${text}\n`).join('') }
    }
  }
  return next
}
