// Level "off": commands run plainly as the house itself. Nothing is kept from them; their processes are still killed.
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '@seatrial/protocol'
import { openForwards } from './forward.ts'
import { resumeTrees, stopTrees } from './freeze.ts'
import { workingDirectory } from './launch.ts'
import { markedProcesses, processMark } from './marked-processes.ts'
import { isAlive, signal, withDescendants } from './process-tree.ts'
import type { Sandbox, SandboxedProcess, SandboxPolicy, SpawnOptions } from './sandbox.ts'
import { launcherEnv } from './tools.ts'

/** Opens a trial without a sandbox, and warns about it. */
export async function openPlain(policy: SandboxPolicy): Promise<Sandbox> {
  const { tree } = policy
  if (tree.kind !== 'directory')
    throw new Refusal('unavailable', 'Without a sandbox a trial needs a plain directory as its tree.')
  process.emitWarning(`Trial ${policy.name} runs without a sandbox: it can read, change and send whatever you can.`, {
    type: 'SandboxOff',
    code: 'SEATRIAL_SANDBOX_OFF',
  })
  const forwards = await openForwards(policy.forwards, [])
  const running = new Set<SandboxedProcess>()
  return {
    policy,
    async spawn(argv, options = {}) {
      const started = startPlain(policy, tree.dir, argv, options)
      running.add(started)
      void started.exited.then(() => running.delete(started))
      return started
    },
    async frozen(look) {
      const stopped = stopTrees([...running].map(({ pid }) => pid))
      try {
        return await look()
      } finally {
        resumeTrees(stopped)
      }
    },
    async close() {
      forwards.close()
      await Promise.all([...running].map((each) => each.kill()))
    },
  }
}

function startPlain(policy: SandboxPolicy, dir: string, argv: string[], options: SpawnOptions): SandboxedProcess {
  const [command = '', ...args] = argv
  const mark = processMark()
  // Checked as if inside, so that a path that leaves the tree is refused at every level.
  const inside = workingDirectory(policy, options.cwd ?? '.').slice(policy.mountAt.length)
  const child = spawn(command, args, {
    cwd: resolve(dir, `.${inside}`),
    env: {
      PATH: launcherEnv.PATH,
      HOME: policy.home,
      SEATRIAL_SANDBOX: 'off',
      ...policy.env,
      ...options.env,
      ...mark.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  child.stdin?.on('error', () => {})
  const exited = new Promise<{ code: number | null; signal: string | null }>((done) => {
    child.once('error', () => done({ code: 127, signal: null }))
    child.once('exit', (code, name) => done({ code, signal: name }))
  })
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin as Writable,
    stdout: child.stdout as Readable,
    stderr: child.stderr as Readable,
    exited,
    kill: () => killTree(child.pid ?? 0, mark.text),
  }
}

/** Descendants by parentage, and those that left the family by the mark in their environment. */
async function killTree(root: number, mark: string): Promise<void> {
  // The group first: it needs no look at anything.
  signal(-root, 'SIGKILL')
  const family = () => [...withDescendants([root]).map(({ pid }) => pid), ...markedProcesses(mark)].filter(isAlive)
  for (let left = family(), waitMs = 1; left.length > 0; left = family(), waitMs = Math.min(waitMs * 2, 50)) {
    for (const pid of left) signal(pid, 'SIGKILL')
    await sleep(waitMs)
  }
}
