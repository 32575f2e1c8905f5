// Finds changes on a copy or snapshot by comparing every file with the index the house keeps outside.
import { git, records, toBytes } from './git.ts'
import type { IgnoreRules } from './ignore.ts'
import { isGitName } from './safe-path.ts'
import { note, type Scan, type ScanLimits, scanLimits } from './scan.ts'
import { statAt } from './stat-at.ts'

interface IndexScan {
  rules: IgnoreRules
  /** The house's index of the base, refreshed when the copy was made. */
  index: string
}

/** Changes against the base tree. Processes must be frozen or dead. */
export async function scanIndex(scan: IndexScan, limits: ScanLimits = scanLimits): Promise<Scan> {
  const found: Scan = { changes: [], findings: [] }
  const call = { gitDir: scan.rules.gitDir, workTree: scan.rules.workTree, index: scan.index }
  const excludes = [`--exclude-from=${scan.rules.excludes}`, '--exclude-per-directory=.gitignore']
  const [changed, fresh] = await Promise.all([
    git(['diff-files', '--name-only', '--ignore-submodules=all', '-z'], call),
    git(['ls-files', '-o', '-z', ...excludes], call),
  ])
  const paths = new Set([...records(changed.out, 'latin1'), ...records(fresh.out, 'latin1')])
  for (const path of paths) {
    const shown = toBytes(path).toString('utf8')
    if (path.endsWith('/')) found.findings.push(`Left out ${shown}: a git repository of its own.`)
    else if (path.split('/').some(isGitName)) {
      if (!isGitName(path.split('/')[0] as string))
        found.findings.push(`Left out ${shown}: a git folder inside the tree.`)
    } else {
      const stat = statAt(scan.rules.workTree, path)
      // A tracked file replaced by a folder: the folder's files are listed on their own.
      if (!stat || stat.isDirectory()) found.changes.push({ path, kind: 'gone' })
      else note(found, limits, path, stat)
    }
  }
  return found
}
