// The files a refactoring may see: tracked and untracked-but-not-ignored ones, or a plain walk outside git.
import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from '@seatrial/protocol'

const skipped = new Set(['node_modules', '.git', 'dist', 'build', 'coverage', '.next', '.turbo'])

/** Throws a Refusal unless the path is a directory. */
export function checkRoot(root: string): void {
  if (!existsSync(root) || !statSync(root).isDirectory())
    throw new Refusal('not_found', `No directory ${root}; name the root of the code with --root.`)
}

/** Regular files below `root`, relative to it, with `/` separators; symbolic links are left out. */
export function listFiles(root: string): string[] {
  const names = gitFiles(root) ?? walk(root, '')
  return names.filter((name) => isRegular(join(root, name))).sort()
}

function gitFiles(root: string): string[] | null {
  try {
    const args = [
      '-c',
      'core.fsmonitor=false',
      'ls-files',
      '-z',
      '--cached',
      '--others',
      '--exclude-standard',
      '--deduplicate',
    ]
    const out = execFileSync('git', args, { cwd: root, maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] })
    return out
      .toString('utf8')
      .split('\0')
      .filter((name) => name && !name.split('/').includes('node_modules'))
  } catch {
    return null
  }
}

function walk(root: string, below: string): string[] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const name = below ? `${below}/${entry.name}` : entry.name
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : walk(root, name)
    return entry.isFile() ? [name] : []
  })
}

function isRegular(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

const code = /\.(?:[cm]?[jt]s|[jt]sx)$/
export const isCode = (file: string): boolean => code.test(file)
