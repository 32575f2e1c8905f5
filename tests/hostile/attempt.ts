// One attempt of one attack, with its layer in place or removed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Refusal } from '@seatrial/protocol'
import { plainText } from '@seatrial/protocol/plain-text'
import { markedProcesses } from '../../server/sandbox/marked-processes.ts'
import { openSandbox } from '../../server/sandbox/open-sandbox.ts'
import type { SandboxPolicy } from '../../server/sandbox/sandbox.ts'
import { readAll } from '../../server/sandbox/sandboxed-process.ts'
import type { Attack, Attempt } from './attack.ts'
import { makeWorld, type World } from './world.ts'

export type Outcome = 'succeeded' | 'blocked' | 'skipped'

const timeoutMs = 30_000

/** Tries the attack once; `defended` says whether the layer is in place. */
export async function tryAttack(
  attack: Attack,
  defended: boolean,
): Promise<{ outcome: Outcome; attempt: Attempt | null }> {
  const control = defended ? null : (attack.control ?? 'off')
  await using world = await makeWorld({ openProxy: control === 'open proxy' })
  try {
    if (attack.prepare && !attack.prepare(world)) return { outcome: 'skipped', attempt: null }
    const policy = policyOf(attack, world, control === 'off')
    const argv = attack.argv ?? interpreter(attack)
    // Closed only after the verdict: what an attempt leaves running is judged before a kill could tidy it away.
    await using closing = new AsyncDisposableStack()
    const made = await (attack.killHouse ? inDoomedHouse(policy, argv) : inHouse(policy, argv, closing))
    await sleep(attack.patienceMs ?? 0)
    const filtered = attack.layer === 'plain text' && defended ? { ...made, out: plainText(made.out) } : made
    return { outcome: (await attack.succeeded(world, filtered)) ? 'succeeded' : 'blocked', attempt: made }
  } finally {
    for (const pid of markedProcesses(world.mark)) process.kill(pid, 'SIGKILL')
  }
}

function policyOf(attack: Attack, world: World, off: boolean): SandboxPolicy {
  return {
    name: 'hostile',
    level: off ? 'off' : process.getuid?.() === 0 ? 'strict' : 'standard',
    tree: { kind: 'directory', dir: world.tree },
    mountAt: '/srv/project',
    home: world.home,
    readOnly: [],
    // Without a network of its own a port would be taken on the machine itself.
    forwards: off ? {} : { 3128: world.proxySocket },
    limits: { memoryMb: 256, cpus: 1, pids: 64, diskMb: 64 },
    ...attack.policy?.(world),
    env: {
      // Unsandboxed, an attack looks at its victim only; inside, at everything it can see.
      SCOPE: off ? `/proc/${world.victim.pid}` : '/proc/[0-9]*',
      SEARCH: off ? '' : '/',
      ...(off ? { HOME: world.home } : {}),
      ...world.env,
      ...attack.policy?.(world).env,
    },
  }
}

function interpreter({ language, script = '' }: Attack): [string, ...string[]] {
  return language === 'python' ? ['/usr/bin/python3', '-c', script] : ['/bin/sh', '-c', script]
}

async function inHouse(
  policy: SandboxPolicy,
  argv: [string, ...string[]],
  closing: AsyncDisposableStack,
): Promise<Attempt> {
  const started = performance.now()
  try {
    const sandbox = await openSandbox(policy)
    closing.defer(() => sandbox.close())
    const running = await sandbox.spawn(argv)
    running.stdin.end()
    const timer = setTimeout(() => void running.kill(), timeoutMs)
    // A daemon may keep the streams open for longer than the command lives.
    const texts = Promise.all([readAll(running.stdout), readAll(running.stderr)])
    const end = await running.exited
    clearTimeout(timer)
    const [out, err] = await Promise.race([texts, sleep(2000).then(() => ['', ''] as const)])
    return { out, err, ...end, durationMs: performance.now() - started }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { out: '', err: error.message, code: null, signal: null, durationMs: performance.now() - started }
  }
}

/** A house in a process of its own, killed as soon as the command is up. */
async function inDoomedHouse(policy: SandboxPolicy, argv: [string, ...string[]]): Promise<Attempt> {
  const file = fileURLToPath(new URL('doomed-house.ts', import.meta.url))
  const house = spawn(process.execPath, [file, JSON.stringify({ policy, argv })], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1' },
  })
  await once(house.stdout, 'data')
  house.kill('SIGKILL')
  await once(house, 'exit')
  return { out: '', err: '', code: null, signal: 'SIGKILL', durationMs: 0 }
}
