// Real repositories for tests: written to a temporary folder, committed, with workspace links in place.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const load = createRequire(import.meta.url)
/** The TypeScript 5.9 that stands in for a repository's own. */
export const typescript5 = dirname(load.resolve('typescript-5/package.json'))

/** Our own TypeScript 7, which builds in a tenth of the time. */
const typescript7 = dirname(load.resolve('typescript/package.json'))

export type TestTree = {
  root: string
  read(file: string): string
  write(file: string, content: string | Buffer): void
  git(...args: string[]): string
  /** Lines added and removed since the commit, by file, renames resolved. */
  changes(): Record<string, string[]>
  /** What a build from nothing says, in a copy without any output. */
  cleanBuild(compiler?: string): string
  [Symbol.dispose](): void
}

export function makeTree(files: Record<string, string | Buffer>, links: Record<string, string> = {}): TestTree {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'refactor-test-')))
  return finish(root, files, links)
}

/** The monorepo of divergent module systems in fixtures/mono. */
export function makeMono(): TestTree {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'refactor-test-')))
  cpSync(fileURLToPath(new URL('../fixtures/mono', import.meta.url)), root, { recursive: true })
  return finish(root, {}, { 'node_modules/@m/core': 'packages/core', 'node_modules/@m/legacy': 'packages/legacy' })
}

function finish(root: string, files: Record<string, string | Buffer>, links: Record<string, string>): TestTree {
  const write = (file: string, content: string | Buffer): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), content)
  }
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'core.autocrlf=false', ...args], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe',
    })
  for (const [file, content] of Object.entries(files)) write(file, content)
  for (const [place, target] of Object.entries(links)) {
    mkdirSync(dirname(join(root, place)), { recursive: true })
    symlinkSync(target.startsWith('/') ? target : join(root, target), join(root, place))
  }
  git('init', '-q')
  git('add', '-A')
  git('commit', '-qm', 'start', '--allow-empty')
  return {
    root,
    write,
    git,
    read: (file) => readFileSync(join(root, file), 'utf8'),
    changes: () => readChanges(git),
    cleanBuild: (compiler = typescript7) => cleanBuild(root, git, compiler),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
}

function readChanges(git: TestTree['git']): Record<string, string[]> {
  git('add', '-A')
  const changes: Record<string, string[]> = {}
  let file = ''
  for (const line of git('diff', '--cached', '-M40%', '-U0').split('\n')) {
    const header = /^diff --git a\/(.*) b\/(.*)$/.exec(line)
    if (header) {
      file = header[1] === header[2] ? header[1]! : `${header[1]} -> ${header[2]}`
      changes[file] = []
    } else if (/^[-+](?![-+]{2} )/.test(line)) changes[file]!.push(line)
  }
  return changes
}

function cleanBuild(root: string, git: TestTree['git'], compiler: string): string {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'refactor-build-')))
  git('add', '-A')
  try {
    for (const file of git('ls-files', '-z').split('\0').filter(Boolean))
      cpSync(join(root, file), join(copy, file), { recursive: true, filter: (from) => !from.includes('/dist/') })
    for (const name of ['core', 'legacy']) {
      mkdirSync(join(copy, 'node_modules/@m'), { recursive: true })
      symlinkSync(join(copy, 'packages', name), join(copy, 'node_modules/@m', name))
    }
    execFileSync(process.execPath, [join(compiler, 'bin/tsc'), '-b'], { cwd: copy, encoding: 'utf8', stdio: 'pipe' })
    return ''
  } catch (error) {
    return String((error as { stdout?: string }).stdout ?? error)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
