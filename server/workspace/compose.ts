// Picked hunks of several candidates on one base, as a new commit; refuses what cannot stand together.
import { type Base, Refusal } from '@seatrial/protocol'
import { commitTree, type Write } from './commit-tree.ts'
import { rawDiff, readBlob } from './diff.ts'
import { toBytes, toText } from './git.ts'
import { applyHunks, collision } from './hunks.ts'
import { choose, type Taken, writesOf } from './pick.ts'
import type { Snapshot } from './workspace.ts'

/** Hunk ids name hunks; a file without hunks (binary, renamed, mode only) is named by its path. */
export async function compose(
  gitDir: string,
  base: Base,
  picks: { tree: string; hunks: string[] }[],
): Promise<Snapshot> {
  const byPath = new Map<string, Taken[]>()
  for (const pick of picks) {
    const files = await rawDiff(gitDir, base.tree, pick.tree)
    const paths = new Set(files.map((file) => toText(file.path)))
    const named = pick.hunks.filter((name) => paths.has(name))
    const hunks = pick.hunks.filter((name) => !paths.has(name))
    for (const taken of choose(files, { kind: 'some', files: named, hunks })) {
      byPath.set(taken.file.path, [...(byPath.get(taken.file.path) ?? []), taken])
    }
  }
  const writes: Write[] = []
  for (const [path, all] of byPath) writes.push(...(await together(gitDir, path, all)))
  const ref = `refs/seatrial/composed/${Date.now().toString(36)}-${process.pid}`
  const message = `Composed of ${picks.length} candidates`
  const made = await commitTree({ gitDir, ref, parent: base.commit, baseTree: base.tree, writes, message })
  return { ...made, files: byPath.size, findings: [] }
}

async function together(gitDir: string, path: string, all: Taken[]): Promise<Write[]> {
  const [first] = all as [Taken]
  if (all.length === 1) return writesOf(gitDir, [first])
  const same = all.every(
    ({ file, whole }) => whole && file.newSha === first.file.newSha && file.newMode === first.file.newMode,
  )
  if (same) return writesOf(gitDir, [first])
  if (all.some(({ file }) => file.status !== 'M' || file.binary)) {
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
  const before = (await readBlob(gitDir, first.file.oldSha)).toString('latin1')
  const mode = all.find(({ file, whole }) => whole && file.newMode !== file.oldMode)?.file.newMode ?? first.file.oldMode
  const content = toBytes(
    applyHunks(
      before,
      all.flatMap(({ hunks }) => hunks),
    ),
  )
  return [{ path, kind: 'content', mode, content }]
}
