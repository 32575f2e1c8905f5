// A real repository in a temporary folder, for tests.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Text, bytes, `{ link }`, `{ exec }`; null deletes. */
export type FileSpec = string | Uint8Array | { link: string } | { exec: string } | null

export interface TestRepo {
  path: string
  /** Runs git and answers its output, trimmed. */
  git(...args: string[]): string
  write(files: Record<string, FileSpec>): void
  /** Writes, stages everything and commits; answers the commit. */
  commit(files: Record<string, FileSpec>, message?: string): string
  remove(): void
}

const made: string[] = []

/** Makes a folder for a test; what is left of it goes when the test process ends. */
export function tempDir(parent: string = tmpdir()): string {
  if (made.length === 0) {
    process.once('exit', () => {
      for (const dir of made) rmSync(dir, { recursive: true, force: true })
    })
  }
  const dir = mkdtempSync(join(parent, 'seatrial-test-'))
  made.push(dir)
  return dir
}

export function writeFiles(root: string, files: Record<string, FileSpec>): void {
  for (const [path, spec] of Object.entries(files)) {
    const place = join(root, path)
    rmSync(place, { recursive: true, force: true })
    if (spec === null) continue
    mkdirSync(dirname(place), { recursive: true })
    if (typeof spec === 'object' && 'link' in spec) symlinkSync(spec.link, place)
    else writeFileSync(place, typeof spec === 'object' && 'exec' in spec ? spec.exec : spec)
    if (typeof spec === 'object' && 'exec' in spec) chmodSync(place, 0o755)
  }
}

/** A repository with these files committed; none given leaves it without a commit. */
export function makeRepo(files: Record<string, FileSpec> = {}, path: string = tempDir()): TestRepo {
  mkdirSync(path, { recursive: true })
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: path, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trimEnd()
  git('init', '-q', '-b', 'main')
  git('config', 'user.name', 'Test')
  git('config', 'user.email', 'test@example.invalid')
  const repo: TestRepo = {
    path,
    git,
    write: (more) => writeFiles(path, more),
    commit: (more, message = 'change') => {
      repo.write(more)
      git('add', '-A')
      git('commit', '-q', '--allow-empty', '-m', message)
      return git('rev-parse', 'HEAD')
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
  if (Object.keys(files).length > 0) repo.commit(files, 'first')
  return repo
}
