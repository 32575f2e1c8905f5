// The three-way merge of a candidate with what the user has, without touching any file.
import type { ApplyResult } from '@seatrial/protocol'
import { toText } from '../workspace/git.ts'
import { type Quarantine, syntheticCommit } from './quarantine.ts'

export type Conflict = ApplyResult['conflicts'][number]

interface Merged {
  /** With conflict markers where lines collide. */
  tree: string
  conflicts: Conflict[]
  /** Whether every conflict is one of lines, so that markers tell the whole story. */
  linesOnly: boolean
}

/** Merges `theirs` (a commit whose parent is `base`) into the tree `ours`. */
export async function mergeTrees(
  quarantine: Quarantine,
  input: { base: string; ours: string; theirs: string },
): Promise<Merged> {
  const ours = await syntheticCommit(quarantine, input.ours, input.base)
  const answer = await quarantine.git(['merge-tree', '--write-tree', '--messages', '-z', ours, input.theirs], {
    codes: [1],
  })
  const fields = answer.out.toString('latin1').split('\0')
  const tree = fields[0] as string
  if (answer.code === 0) return { tree, conflicts: [], linesOnly: true }
  return { tree, ...readConflicts(fields.slice(1)) }
}

/** What git calls a conflict, in words a person can act on. */
const sentences: Record<string, string> = {
  'CONFLICT (contents)': 'Your checkout and the candidate change the same lines.',
  'CONFLICT (add/add)': 'Both add this file, with different contents.',
  'CONFLICT (modify/delete)': 'One side changes this file, the other deletes it.',
  'CONFLICT (binary)': 'Both change this binary file.',
  'CONFLICT (file/directory)': 'This is a file on one side and a folder on the other.',
  'CONFLICT (distinct modes)': 'This is a file on one side and a link on the other.',
  'CONFLICT (rename/delete)': 'One side renames this file, the other deletes it.',
  'CONFLICT (rename/rename)': 'Both sides rename this file, to different names.',
}
const linesTypes = ['CONFLICT (contents)', 'CONFLICT (add/add)']

function readConflicts(fields: string[]): { conflicts: Conflict[]; linesOnly: boolean } {
  const byPath = new Map<string, string>()
  let linesOnly = true
  let at = 0
  // Conflicted entries come first, up to an empty field; each is `mode sha stage<TAB>path`.
  for (; fields[at] !== undefined && fields[at] !== ''; at++) {
    const path = toText((fields[at] as string).split('\t').slice(1).join('\t'))
    byPath.set(path, 'Your checkout and the candidate cannot both have their way here.')
  }
  for (at++; at < fields.length && fields[at] !== ''; ) {
    const count = Number(fields[at++])
    const paths = fields.slice(at, at + count).map(toText)
    const type = fields[at + count] ?? ''
    at += count + 2
    if (!type.startsWith('CONFLICT')) continue
    if (!linesTypes.includes(type)) linesOnly = false
    for (const path of paths) byPath.set(path, sentences[type] ?? 'Your checkout and the candidate collide here.')
  }
  return { conflicts: [...byPath].map(([path, sentence]) => ({ path, sentence })), linesOnly }
}
