// One sandbox per trial: its room, its limits, its ports, and every command that runs in it.
import { Refusal } from '@seatrial/protocol'
import { type Cgroup, makeCgroup } from './cgroup.ts'
import { cgroupRoots } from './cgroup-roots.ts'
import { watchDisk } from './disk.ts'
import { openForwards } from './forward.ts'
import { resumeTrees, stopTrees } from './freeze.ts'
import { planLauncher, planOrder } from './launch.ts'
import { leakedDescriptors } from './leaked-descriptors.ts'
import { openPlain } from './plain.ts'
import { openRoom } from './room.ts'
import type { Sandbox, SandboxPolicy } from './sandbox.ts'
import { type Launcher, type RunningProcess, sendLauncher } from './sandboxed-process.ts'
import { openSeccomp } from './seccomp.ts'

/** Opens a sandbox. Throws `Refusal('unavailable')` when this machine cannot keep the policy's level. */
export async function openSandbox(policy: SandboxPolicy): Promise<Sandbox> {
  if (policy.level === 'off') return openPlain(policy)
  if (process.platform !== 'linux')
    throw new Refusal(
      'unavailable',
      `Sandboxes need Linux; set sandbox = "off" in .seatrial/config.toml to do without.`,
    )
  // Ended in the reverse order: the room outlives what runs in it.
  await using ends = new AsyncDisposableStack()
  const room = ends.adopt(await openRoom(policy), (each) => each.close())
  const group = openGroup(policy)
  ends.defer(() => group?.remove())
  const limitPids = !group?.enforced.includes('pids')
  const forwards = await openForwards(policy.forwards, room.enterNetwork)
  ends.defer(() => forwards.close())
  const leaked = leakedDescriptors()
  const running = new Set<RunningProcess>()
  const send = (): Launcher => sendLauncher(planLauncher(policy, group?.dirs ?? []), openSeccomp(), leaked)
  // One launcher is always ahead of the command it will become: joining groups alone may take the kernel 20 ms.
  let ahead: Launcher | null = send()
  ends.defer(async () => {
    await Promise.all([ahead?.dismiss(), ...[...running].map((each) => each.kill())])
  })
  let closing: Promise<void> | null = null
  let looking: Promise<unknown> = Promise.resolve()
  let overflow: string | null = null
  const disk = watchDisk(
    policy,
    () => running.size > 0,
    (sentence) => {
      overflow = sentence
      for (const each of running) void each.kill()
    },
  )
  ends.defer(() => disk.stop())
  const kept = ends.move()
  return {
    policy,
    async spawn(argv, options = {}) {
      await looking
      if (overflow) throw new Refusal('no_space', overflow)
      if (closing) throw new Refusal('conflict', 'The sandbox of this trial is closed.')
      const order = planOrder(policy, room, limitPids, argv, options)
      const launcher = ahead?.waits ? ahead : send()
      ahead = null
      const started = launcher.start(order)
      running.add(started)
      void started.begun.then(() => {
        if (!closing) ahead ??= send()
      })
      void started.exited.then(() => running.delete(started))
      return started
    },
    frozen(look) {
      const turn = looking.then(() => lookFrozen(group, running, look))
      looking = turn.catch(() => {})
      return turn
    },
    close() {
      closing ??= kept.disposeAsync()
      return closing
    },
  }
}

async function lookFrozen<T>(group: Cgroup | null, running: Set<RunningProcess>, look: () => Promise<T>): Promise<T> {
  if (group?.enforced.includes('freezer')) {
    await group.freeze()
    try {
      return await look()
    } finally {
      group.thaw()
    }
  }
  const stopped = stopTrees([...running].flatMap((each) => each.roots))
  try {
    return await look()
  } finally {
    resumeTrees(stopped)
  }
}

/** Distinguishes sandboxes of one house that carry the same name. */
let opened = 0

function openGroup(policy: SandboxPolicy): Cgroup | null {
  const name = `${process.pid}-${++opened}-${policy.name.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, 80)}`
  const group = makeCgroup(cgroupRoots(), name, policy.limits)
  if (policy.level === 'strict' && !group?.enforced.includes('memory')) {
    void group?.remove()
    throw new Refusal(
      'unavailable',
      'No memory limit can be kept on this machine, so sandbox = "strict" cannot: start the house as root or in a delegated group (systemd-run --user --scope -p Delegate=yes), or set "standard".',
    )
  }
  return group
}
