// Asks git which new paths are ignored, with the workspace's own .gitignore files and the layer's private rules.
import { git, records } from './git.ts'

export interface IgnoreRules {
  gitDir: string
  workTree: string
  via?: string[]
  /** File of private rules (the user's `.git/info/exclude`, carried files). */
  excludes: string
}

/** The ignored ones among paths; folders end with a slash. */
export async function ignored(rules: IgnoreRules, paths: string[]): Promise<Set<string>> {
  if (paths.length === 0) return new Set()
  const args = ['-c', `core.excludesFile=${rules.excludes}`, 'check-ignore', '--no-index', '-z', '--stdin']
  const found = await git(args, {
    gitDir: rules.gitDir,
    workTree: rules.workTree,
    via: rules.via ?? [],
    // `./` keeps a name that starts with a colon from being read as pathspec magic.
    input: Buffer.from(paths.map((path) => `./${path}\0`).join(''), 'latin1'),
    codes: [1],
  })
  return new Set(records(found.out, 'latin1').map((path) => path.slice(2)))
}
