// What a checkout of our own cannot fill: submodules and Git LFS files. Told in a sentence, never silently empty.
import { type GitCall, git, records, toText } from './git.ts'

const shown = (paths: string[]): string => {
  const some = paths.slice(0, 3).map(toText).join(', ')
  return paths.length > 3 ? `${some} and ${paths.length - 3} more` : some
}

/** Sentences about a layer's tree; `call` has its index and work tree. */
export async function pointerNotes(call: GitCall): Promise<string[]> {
  const notes: string[] = []
  const staged = records((await git(['ls-files', '-s', '-z'], call)).out, 'latin1')
  const pathOf = (record: string): string => record.slice(record.indexOf('\t') + 1)
  const submodules = staged.filter((record) => record.startsWith('160000')).map(pathOf)
  if (submodules.length > 0) {
    notes.push(`Submodules are empty folders in workspaces, and stay at their commit: ${shown(submodules)}.`)
  }
  if (!staged.some((record) => /(^|\/)\.gitattributes$/.test(pathOf(record)))) return notes
  const input = Buffer.from(staged.map((record) => `${pathOf(record)}\0`).join(''), 'latin1')
  const fields = records((await git(['check-attr', '-z', '--stdin', 'filter'], { ...call, input })).out, 'latin1')
  const large: string[] = []
  for (let at = 0; at + 2 < fields.length; at += 3) if (fields[at + 2] === 'lfs') large.push(fields[at] as string)
  if (large.length > 0) {
    notes.push(`Git LFS files are pointers in workspaces; a change to one is committed as it is: ${shown(large)}.`)
  }
  return notes
}
