// For tests: real trees in a real git store, with the signal input and the check results that go with them.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { CheckResult, CheckSpec } from '@seatrial/protocol'
import { diffTrees } from '../workspace/diff.ts'
import { git } from '../workspace/git.ts'
import { findText } from './find-text.ts'
import { type RunCommand, runChecks } from './run-checks.ts'
import { type SignalInput, signalInput } from './signals/signal-input.ts'
import { isTest } from './source/file-kinds.ts'
import { outlineTests } from './source/test-outline.ts'

/** Text by path; null takes a file away. */
export type Files = Record<string, string | null>

export interface TestTrees extends Disposable {
  /** The input for signals of `changes` on top of `base`. Results are green unless given. */
  input(base: Files, changes: Files, more?: Partial<SignalInput>): Promise<SignalInput>
  /** Runs checks for real on a tree laid out in a folder. */
  run(files: Files, specs: CheckSpec[]): Promise<CheckResult[]>
}

export function testTrees(): TestTrees {
  const home = mkdtempSync(join(tmpdir(), 'seatrial-trees-'))
  const gitDir = join(home, 'store.git')
  const env = { PATH: process.env.PATH ?? '', HOME: home, GIT_CONFIG_NOSYSTEM: '1' }
  execFileSync('git', ['init', '--bare', '--quiet', gitDir], { env })
  const kept = new Map<string, string>()
  let folders = 0

  const treeOf = (files: Files): string => {
    const key = JSON.stringify(files)
    const known = kept.get(key)
    if (known) return known
    const lines = Object.entries(files).flatMap(([path, text]) => {
      if (text === null) return []
      return [`M 100644 inline ${JSON.stringify(path)}`, `data ${Buffer.byteLength(text)}`, text]
    })
    const stream = ['commit refs/heads/x', 'committer t <t@t> 0 +0000', 'data 0', 'deleteall', ...lines, ''].join('\n')
    execFileSync('git', ['--git-dir', gitDir, 'fast-import', '--quiet', '--force'], { env, input: stream })
    const tree = execFileSync('git', ['--git-dir', gitDir, 'rev-parse', 'refs/heads/x^{tree}'], { env })
      .toString()
      .trim()
    execFileSync('git', ['--git-dir', gitDir, 'update-ref', '-d', 'refs/heads/x'], { env })
    kept.set(key, tree)
    return tree
  }

  return {
    async input(base, changes, more = {}) {
      const head: Files = { ...base, ...changes }
      const [from, to] = [treeOf(base), treeOf(head)]
      const reader = (files: Files) => async (path: string) => files[path] ?? null
      const pathsOf = (files: Files) => Object.keys(files).filter((path) => files[path] !== null)
      const input = signalInput({
        tree: to,
        base: [greenTests(base, from)],
        head: [greenTests(head, to)],
        diff: await diffTrees(gitDir, from, to),
        readBase: reader(base),
        readHead: reader(head),
        listFiles: async (side) => pathsOf(side === 'base' ? base : head),
        prompt: 'Change the code.',
      })
      input.findText = (side, words) =>
        findText((args) => git(args, { gitDir, codes: [1] }), side === 'base' ? from : to, words)
      return { ...input, ...more, ...withTree(more, from, to) }
    },
    async run(files, specs) {
      const dir = join(home, `run-${++folders}`)
      for (const [path, text] of Object.entries(files)) {
        if (text === null) continue
        mkdirSync(dirname(join(dir, path)), { recursive: true })
        writeFileSync(join(dir, path), text)
      }
      return runChecks({
        specs,
        tree: treeOf(files),
        root: dir,
        run: runIn(dir),
        readFile: async (path) => {
          try {
            return readFileSync(join(dir, path), 'utf8')
          } catch {
            return null
          }
        },
        say: () => {},
      })
    },
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  }
}

/** Results handed in by a test belong to its trees. */
function withTree(more: Partial<SignalInput>, from: string, to: string): Partial<SignalInput> {
  return {
    ...(more.base ? { base: more.base.map((one) => ({ ...one, tree: from })) } : {}),
    ...(more.head ? { head: more.head.map((one) => ({ ...one, tree: to })) } : {}),
  }
}

/** A test check that passed, with one case per test that the files hold. */
function greenTests(files: Files, tree: string): CheckResult {
  const tests = Object.entries(files).flatMap(([path, text]) =>
    text !== null && isTest(path) ? outlineTests(path, text) : [],
  )
  return {
    name: 'test',
    kind: 'test',
    command: 'node --test',
    tree,
    outcome: 'passed',
    exitCode: 0,
    durationMs: 100,
    cases: tests.map((test) => ({
      name: test.name,
      file: test.path,
      status: test.skipped ? 'skipped' : 'passed',
      durationMs: 1,
      message: null,
    })),
    diagnostics: null,
    log: '',
    flaky: [],
  }
}

/** A shell command in a folder of this machine, killed with all it started when its time is up. */
export function runIn(dir: string): RunCommand {
  return (command, { cwd, timeoutMs, env }) =>
    new Promise((resolve) => {
      const started = performance.now()
      const child = spawn('/bin/sh', ['-c', command], {
        cwd: join(dir, cwd),
        env: { PATH: process.env.PATH ?? '', HOME: dir, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      })
      let output = ''
      let timedOut = false
      const keep = (chunk: Buffer): void => {
        output += chunk.toString('utf8')
      }
      child.stdout.on('data', keep)
      child.stderr.on('data', keep)
      const timer = setTimeout(() => {
        timedOut = true
        if (child.pid) process.kill(-child.pid, 'SIGKILL')
      }, timeoutMs)
      child.on('close', (code) => {
        clearTimeout(timer)
        resolve({ exitCode: code, timedOut, output, durationMs: performance.now() - started })
      })
    })
}
