// From a scan to a tree: hashes what changed (once per version of a file) and commits it into the house's store.
import { readlinkSync, type Stats } from 'node:fs'
import { commitTree, type Write } from './commit-tree.ts'
import { git, quotePath, toBytes } from './git.ts'
import type { Look } from './rung.ts'
import { isSafePath } from './safe-path.ts'
import type { Scan } from './scan.ts'

/** What was hashed before, so that an unchanged file is not read again. The inode's ctime cannot be set by a trial. */
export type HashCache = Map<string, { stamp: string; sha: string }>

const stampOf = (stat: Stats): string => `${stat.ino}:${stat.size}:${stat.ctimeMs}:${stat.mtimeMs}`

interface SnapshotInput {
  gitDir: string
  look: Look
  scan: Scan
  cache: HashCache
  ref: string
  parent: string
  baseTree: string
  message: string
}

/** Commits base tree plus changes. Line endings follow the tree's attributes; no filter can run. */
export async function snapshot(input: SnapshotInput): Promise<{ commit: string; tree: string }> {
  const writes: Write[] = []
  const toHash: { path: string; stamp: string; mode: string }[] = []
  for (const change of input.scan.changes) {
    if (!isSafePath(change.path)) {
      if (change.path !== '') input.scan.findings.push(`Left out ${JSON.stringify(change.path)}: not a safe path.`)
      continue
    }
    if (change.kind === 'gone') writes.push(change)
    else if (change.kind === 'link') {
      const target = readlinkSync(Buffer.concat([Buffer.from(`${input.look.dir}/`), toBytes(change.path)]), 'buffer')
      writes.push({ path: change.path, kind: 'content', mode: '120000', content: target })
    } else {
      const mode = change.stat.mode & 0o100 ? '100755' : '100644'
      const stamp = stampOf(change.stat)
      const known = input.cache.get(change.path)
      if (known?.stamp === stamp) writes.push({ path: change.path, kind: 'blob', mode, sha: known.sha })
      else toHash.push({ path: change.path, stamp, mode })
    }
  }
  if (toHash.length > 0) {
    const answer = await git(['hash-object', '-w', '--stdin-paths'], {
      gitDir: input.gitDir,
      workTree: input.look.workTree,
      via: input.look.via,
      input: Buffer.from(toHash.map(({ path }) => `${quotePath(path)}\n`).join(''), 'latin1'),
    })
    const shas = answer.out.toString('latin1').trim().split('\n')
    toHash.forEach(({ path, stamp, mode }, position) => {
      const sha = shas[position] as string
      input.cache.set(path, { stamp, sha })
      writes.push({ path, kind: 'blob', mode, sha })
    })
  }
  return commitTree({ ...input, writes })
}
