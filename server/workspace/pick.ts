// Turns a choice of files and hunks into the writes that make a base tree hold just those.
import type { Pick } from '@seatrial/protocol'
import { Refusal } from '@seatrial/protocol'
import type { Write } from './commit-tree.ts'
import { readBlob } from './diff.ts'
import { toBytes, toPath, toText } from './git.ts'
import { applyHunks } from './hunks.ts'
import type { RawFile, RawHunk } from './patch.ts'

/** A file of a diff with what is taken of it. */
export interface Taken {
  file: RawFile
  hunks: RawHunk[]
  whole: boolean
}

/** What a pick takes of a diff; refuses ids and paths that are not in it. */
export function choose(files: RawFile[], pick: Pick): Taken[] {
  if (pick.kind === 'all') return files.map((file) => ({ file, hunks: file.hunks, whole: true }))
  const wantedFiles = new Set(pick.files.map(toPath))
  const wantedHunks = new Set(pick.hunks)
  const taken: Taken[] = []
  for (const file of files) {
    const whole = wantedFiles.delete(file.path) || (file.oldPath !== null && wantedFiles.delete(file.oldPath))
    const hunks = file.hunks.filter((hunk) => wantedHunks.delete(hunk.id))
    if (whole || hunks.length > 0) {
      // A file that becomes a link (or back) is taken as a whole or not at all.
      const all = whole || file.status === 'T' || hunks.length === file.hunks.length
      taken.push({ file, hunks: all ? file.hunks : hunks, whole: all })
    }
  }
  const unknown = [...wantedFiles].map(toText).concat([...wantedHunks])
  if (unknown.length > 0) {
    throw new Refusal('not_found', `The candidate has no ${unknown.join(', ')}; look at its diff again.`)
  }
  return taken
}

/** The writes on the base tree for what was taken. A rename goes along with any of its hunks, a mode with all of them. */
export async function writesOf(gitDir: string, taken: Taken[]): Promise<Write[]> {
  const writes: Write[] = []
  for (const { file, hunks, whole } of taken) {
    const { path, oldPath, status, oldMode, newMode } = file
    if (status === 'D' && whole) {
      writes.push({ path, kind: 'gone' })
      continue
    }
    if (oldPath !== null && status === 'R') writes.push({ path: oldPath, kind: 'gone' })
    if (whole) {
      if (status === 'T') writes.push({ path, kind: 'gone' })
      writes.push({ path, kind: 'blob', mode: newMode, sha: file.newSha })
      continue
    }
    const before = status === 'A' ? '' : (await readBlob(gitDir, file.oldSha)).toString('latin1')
    const content = toBytes(applyHunks(before, hunks))
    writes.push({ path, kind: 'content', mode: status === 'A' ? newMode : oldMode, content })
  }
  return writes
}
