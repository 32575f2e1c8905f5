// Picked hunks and whole files of several candidates on one base, as a new commit; refuses what cannot stand together.
import { randomUUID } from 'node:crypto'
import { type Base, Refusal } from '@seatrial/protocol'
import { commitTree, type Write } from './commit-tree.ts'
import { rawDiff, readBlob } from './diff.ts'
import { toBytes, toText } from './git.ts'
import { applyHunks, collision } from './hunks.ts'
import type { RawFile } from './patch.ts'
import { choose, type Taken, writesOf } from './pick.ts'
import type { Snapshot, TreePick } from './workspace.ts'

export async function compose(gitDir: string, base: Base, picks: TreePick[]): Promise<Snapshot> {
  const byPath = new Map<string, Taken[]>()
  for (const [tree, own] of Map.groupBy(picks, (pick) => pick.tree)) {
    const all = await rawDiff(gitDir, base.tree, tree)
    const [hunks, files] = [own.flatMap((pick) => pick.hunks), own.flatMap((pick) => pick.files)]
    const chosen = choose(all, { kind: 'some', files, hunks })
    needsRoom(all, chosen)
    for (const taken of chosen) byPath.set(taken.file.path, [...(byPath.get(taken.file.path) ?? []), taken])
  }
  if (byPath.size === 0) throw new Refusal('bad_request', 'Nothing was picked; name at least one hunk or file.')
  standsTogether([...byPath.values()].flat().map(({ file }) => file))
  const writes: Write[] = []
  for (const [path, all] of byPath) writes.push(...(await together(gitDir, path, all)))
  const ref = `refs/seatrial/composed/${Date.now().toString(36)}-${randomUUID().slice(0, 8)}`
  const message = `Composed of ${picks.length} candidates`
  const made = await commitTree({ gitDir, ref, parent: base.commit, baseTree: base.tree, writes, message })
  return { ...made, files: byPath.size, findings: [] }
}

async function together(gitDir: string, path: string, all: Taken[]): Promise<Write[]> {
  const [first] = all as [Taken]
  if (all.length === 1) return writesOf(gitDir, [first])
  const same = all.every(
    ({ file, whole }) =>
      whole &&
      file.oldPath === first.file.oldPath &&
      file.newSha === first.file.newSha &&
      file.newMode === first.file.newMode,
  )
  if (same) return writesOf(gitDir, [first])
  const mixes = ({ file }: Taken): boolean =>
    /^[MR]$/.test(file.status) && !file.binary && file.oldPath === first.file.oldPath
  if (!all.every(mixes)) {
    throw new Refusal(
      'conflict',
      `${toText(path)} is added, removed, renamed or binary in more than one candidate; pick one.`,
    )
  }
  const clash = collision(all.map(({ hunks }) => hunks))
  if (clash) {
    const [one, other] = clash
    throw new Refusal(
      'conflict',
      `Hunks ${one.id} and ${other.id} change the same lines of ${toText(path)} (line ${one.oldStart}); pick one of them.`,
    )
  }
  const { oldSha, oldMode, oldPath, status } = first.file
  const before = (await readBlob(gitDir, oldSha)).toString('latin1')
  const mode = all.find(({ file, whole }) => whole && file.newMode !== file.oldMode)?.file.newMode ?? oldMode
  const content = toBytes(
    applyHunks(
      before,
      all.flatMap(({ hunks }) => hunks),
    ),
  )
  const gone: Write[] = status === 'R' && oldPath !== null ? [{ path: oldPath, kind: 'gone' }] : []
  return [...gone, { path, kind: 'content', mode, content }]
}

/** The path a file's change leaves empty; null when it leaves none. */
const left = ({ status, path, oldPath }: RawFile): string | null =>
  status === 'D' ? path : status === 'R' ? oldPath : null

const inside = (folder: string, path: string): boolean => path.startsWith(`${folder}/`)

/** A file where a folder was (or the reverse) stands only when what it replaces is taken away by the same pick. */
function needsRoom(all: RawFile[], chosen: Taken[]): void {
  const takenFiles = new Set(chosen.map(({ file }) => file))
  const stays = all.flatMap((file) => (takenFiles.has(file) ? [] : (left(file) ?? [])))
  for (const { file } of chosen) {
    if (file.status === 'D') continue
    const needed = stays.find((path) => inside(path, file.path) || inside(file.path, path))
    if (needed) {
      throw new Refusal('conflict', `${toText(file.path)} stands where ${toText(needed)} was; pick that file too.`)
    }
  }
}

/** One candidate's file must not be another's folder, and what one moves away another must not touch. */
function standsTogether(all: RawFile[]): void {
  const touched = new Set(all.map(({ path }) => path))
  const kept = new Set(all.flatMap(({ status, path }) => (status === 'D' ? [] : path)))
  const movedTo = new Map<string, string>()
  for (const { status, path, oldPath } of all) {
    if (status === 'R' && oldPath !== null) {
      if (touched.has(oldPath) || (movedTo.get(oldPath) ?? path) !== path) {
        throw new Refusal(
          'conflict',
          `${toText(oldPath)} is moved in one pick and changed or moved elsewhere in another; pick one.`,
        )
      }
      movedTo.set(oldPath, path)
    }
    for (let at = path.indexOf('/'); status !== 'D' && at > 0; at = path.indexOf('/', at + 1)) {
      const folder = path.slice(0, at)
      if (!kept.has(folder)) continue
      throw new Refusal('conflict', `${toText(folder)} is a file in one pick and a folder in another; pick one.`)
    }
  }
}
