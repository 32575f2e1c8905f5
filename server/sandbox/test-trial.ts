// A trial for tests: a tree and a home of its own in a temporary folder, and sandboxes over them that are all closed.
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sandboxIdentity } from './identity.ts'
import { openSandbox } from './open-sandbox.ts'
import type { Sandbox, SandboxPolicy, SpawnOptions } from './sandbox.ts'
import { readAll } from './sandboxed-process.ts'

export interface Said {
  out: string
  err: string
  code: number | null
  signal: string | null
}

export interface TestTrial extends AsyncDisposable {
  dir: string
  tree: string
  home: string
  policy(changes?: Partial<SandboxPolicy>): SandboxPolicy
  open(changes?: Partial<SandboxPolicy>): Promise<Sandbox>
}

export function makeTrial(): TestTrial {
  const dir = mkdtempSync(join(tmpdir(), 'seatrial-test-'))
  const [tree, home] = ['tree', 'home'].map((name) => makeOwned(join(dir, name))) as [string, string]
  const opened: Sandbox[] = []
  const policy = (changes: Partial<SandboxPolicy> = {}): SandboxPolicy => ({
    name: 'test',
    level: process.getuid?.() === 0 ? 'strict' : 'standard',
    tree: { kind: 'directory', dir: tree },
    mountAt: '/srv/project',
    home,
    readOnly: [],
    env: {},
    forwards: {},
    limits: { memoryMb: 256, cpus: 1, pids: 64, diskMb: 64 },
    ...changes,
  })
  return {
    dir,
    tree,
    home,
    policy,
    async open(changes) {
      const sandbox = await openSandbox(policy(changes))
      opened.push(sandbox)
      return sandbox
    },
    async [Symbol.asyncDispose]() {
      for (const sandbox of opened) await sandbox.close()
      // The kernel leaves an overlay's work folder closed to everyone.
      if (existsSync(join(dir, 'work/work'))) chmodSync(join(dir, 'work/work'), 0o700)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A folder that belongs to whoever runs inside. */
export function makeOwned(dir: string): string {
  mkdirSync(dir, { recursive: true })
  const identity = sandboxIdentity()
  if (identity) chownSync(dir, identity.uid, identity.gid)
  return dir
}

/** Runs a shell script to its end. */
export async function run(
  sandbox: Sandbox,
  script: string,
  options?: SpawnOptions & { stdin?: string },
): Promise<Said> {
  const started = await sandbox.spawn(['/bin/sh', '-c', script], options)
  started.stdin.end(options?.stdin ?? '')
  const [out, err, end] = await Promise.all([readAll(started.stdout), readAll(started.stderr), started.exited])
  return { out, err, ...end }
}
