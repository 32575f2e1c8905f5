// Finds changes on an overlay by walking only its upper layer: whatever a trial wrote must be there.
import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { type IgnoreRules, ignored } from './ignore.ts'
import { isGitName } from './safe-path.ts'
import { note, type Scan, type ScanLimits, scanLimits } from './scan.ts'
import { statAt } from './stat-at.ts'
import { openTreeReader, type TreeEntry } from './tree-reader.ts'

interface UpperScan {
  upper: string
  lower: string[]
  /** The mounted view. */
  merged: string
  baseTree: string
  rules: IgnoreRules
}

interface Folder {
  path: string
  /** Its tree in the base, or null when the base has no such folder. */
  tree: string | null
}

/** Changes against the base tree. Processes must be frozen or dead. */
export async function scanUpper(scan: UpperScan, limits: ScanLimits = scanLimits): Promise<Scan> {
  const found: Scan = { changes: [], findings: [] }
  const reader = openTreeReader(scan.rules.gitDir)
  try {
    // Level by level, so that git is asked about ignored paths once per depth and never below an ignored folder.
    let level: Folder[] = [{ path: '', tree: scan.baseTree }]
    while (level.length > 0) {
      const fresh = new Map<string, Stats>()
      const next: Folder[] = []
      for (const folder of level) {
        const base = folder.tree ? await reader.entries(folder.tree) : new Map<string, TreeEntry>()
        look(scan, folder, base, { found, fresh, next, limits })
      }
      const skip = await ignored(scan.rules, [...fresh.keys()])
      for (const [path, stat] of fresh) {
        if (skip.has(path)) continue
        if (!stat.isDirectory()) note(found, limits, path, stat)
        else if (hasGit(scan.merged, path)) found.findings.push(`Left out ${shown(path)}: a git repository of its own.`)
        else next.push({ path: path.slice(0, -1), tree: null })
      }
      level = next
    }
  } finally {
    reader.close()
  }
  return found
}

interface Sink {
  found: Scan
  fresh: Map<string, Stats>
  next: Folder[]
  limits: ScanLimits
}

function look(scan: UpperScan, folder: Folder, base: Map<string, TreeEntry>, sink: Sink): void {
  const at = (name: string): string => (folder.path ? `${folder.path}/${name}` : name)
  const merged = list(join(scan.merged, folder.path))
  // A folder that was renamed or replaced shows entries which its upper layer does not hold: then all of them count.
  const written = isForeign(scan, folder.path) ? null : new Set(list(join(scan.upper, folder.path)))
  const present = new Set(merged)
  for (const name of base.keys()) if (!present.has(name)) sink.found.changes.push({ path: at(name), kind: 'gone' })
  for (const name of merged) {
    if (written && !written.has(name)) continue
    if (isGitName(name)) {
      if (folder.path !== '') sink.found.findings.push(`Left out ${shown(at(name))}: a git folder inside the tree.`)
      continue
    }
    const stat = lstatSync(join(scan.merged, at(name)))
    const known = base.get(name)
    if (!known) {
      sink.fresh.set(stat.isDirectory() ? `${at(name)}/` : at(name), stat)
    } else if (known.mode === '160000') {
      sink.found.findings.push(`Left out changes in ${shown(at(name))}: it is a submodule.`)
    } else if (stat.isDirectory()) {
      const isTree = known.mode === '40000'
      if (!isTree) sink.found.changes.push({ path: at(name), kind: 'gone' })
      sink.next.push({ path: at(name), tree: isTree ? known.sha : null })
    } else {
      if (known.mode === '40000' && (stat.isFile() || stat.isSymbolicLink())) {
        sink.found.changes.push({ path: at(name), kind: 'gone' })
      }
      note(sink.found, sink.limits, at(name), stat)
    }
  }
}

/** Whether a folder of the merged view is not simply the lower folder of the same path with the upper one on top. */
function isForeign(scan: UpperScan, path: string): boolean {
  if (path === '') return false
  const inode = lstatSync(join(scan.merged, path)).ino
  return !scan.lower.some((dir) => statAt(dir, path)?.ino === inode)
}

const join = (dir: string, path: string): Buffer => Buffer.concat([Buffer.from(`${dir}/`), Buffer.from(path, 'latin1')])
const shown = (path: string): string => Buffer.from(path, 'latin1').toString('utf8')

function list(dir: Buffer): string[] {
  try {
    return readdirSync(dir, { encoding: 'latin1' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR')
      return []
    throw error
  }
}

const hasGit = (merged: string, path: string): boolean => list(join(merged, path)).some(isGitName)
