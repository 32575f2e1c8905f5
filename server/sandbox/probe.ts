// What this machine can enforce, found out by opening a real sandbox and looking around in it.
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DoctorFinding, Refusal } from '@seatrial/protocol'
import type { Controller } from './cgroup.ts'
import { cgroupRoots } from './cgroup-roots.ts'
import { sandboxIdentity } from './identity.ts'
import { openSandbox } from './open-sandbox.ts'
import type { SandboxReport } from './sandbox.ts'
import { readAll } from './sandboxed-process.ts'
import { seccompMachines } from './seccomp.ts'
import { findTools, sandboxTools } from './tools.ts'

/** Kernel settings that keep an ordinary user from building a sandbox, with what to do. */
const obstacles: { file: string; value: string; sentence: string }[] = [
  {
    file: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    value: '1',
    sentence: 'AppArmor restricts user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0 lifts it).',
  },
  {
    file: '/proc/sys/kernel/unprivileged_userns_clone',
    value: '0',
    sentence: 'User namespaces are off (sysctl kernel.unprivileged_userns_clone=1 turns them on).',
  },
  {
    file: '/proc/sys/user/max_user_namespaces',
    value: '0',
    sentence: 'No user namespace is allowed (sysctl user.max_user_namespaces).',
  },
]

/** What is lost where a control group cannot be made. */
const lost: Record<Controller, string> = {
  memory:
    'no memory limit: a trial can use all memory of this machine, and sandbox = "strict" is refused; start the house as root or in a delegated group (systemd-run --user --scope -p Delegate=yes)',
  pids: 'processes are limited per command by rlimit instead of per trial',
  cpu: 'no CPU limit: a trial can use all cores',
  freezer: 'processes are stopped one by one with SIGSTOP while the house looks at a tree',
}

/** Looks at this machine; takes a fraction of a second and leaves nothing behind. */
export async function probeSandbox(): Promise<SandboxReport> {
  const findings: DoctorFinding[] = []
  const say = (level: DoctorFinding['level'], sentence: string) => findings.push({ area: 'sandbox', level, sentence })
  const hopeless = (sentence: string): SandboxReport => {
    say('error', `${sentence} Trials run only with sandbox = "off", which keeps nothing from them.`)
    return { best: 'off', findings }
  }
  if (process.platform !== 'linux') return hopeless('Sandboxes need Linux.')
  const { missing } = findTools()
  if (missing.length > 0)
    return hopeless(`Missing: ${missing.map((tool) => `${tool} (package ${sandboxTools[tool]})`).join(', ')}.`)
  if (!seccompMachines.includes(process.arch)) return hopeless(`No table of system calls for ${process.arch}.`)
  const trouble = await tryOne()
  if (trouble !== null) {
    const reasons = obstacles.filter(({ file, value }) => readValue(file) === value).map(({ sentence }) => sentence)
    return hopeless([trouble, ...reasons].join(' '))
  }
  const identity = sandboxIdentity()
  say(
    'ok',
    `Own user, pid, mount, ipc, uts and network namespaces, no new privileges, system call filter; inside, processes are uid ${identity?.uid ?? process.getuid?.()}.`,
  )
  const roots = cgroupRoots()
  const enforced = new Set([
    ...Object.keys(roots.v1),
    ...(roots.v2?.controllers ?? []),
    ...(roots.v2 ? ['freezer'] : []),
  ])
  for (const [controller, sentence] of Object.entries(lost))
    if (!enforced.has(controller)) say('warning', `No ${controller} control group: ${sentence}.`)
  say(
    'ok',
    'Disk: /tmp is capped in bytes and files; home and tree are capped per file and watched every few seconds as a whole.',
  )
  return { best: enforced.has('memory') ? 'strict' : 'standard', findings }
}

/** Opens a sandbox and looks at it from inside; null when all is as promised, otherwise what is not. */
async function tryOne(): Promise<string | null> {
  const dir = mkdtempSync(join(tmpdir(), 'seatrial-probe-'))
  const identity = sandboxIdentity()
  for (const name of ['tree', 'home']) {
    mkdirSync(join(dir, name))
    if (identity) chownSync(join(dir, name), identity.uid, identity.gid)
  }
  try {
    const sandbox = await openSandbox({
      name: 'probe',
      level: 'standard',
      tree: { kind: 'directory', dir: join(dir, 'tree') },
      mountAt: '/seatrial-probe',
      home: join(dir, 'home'),
      readOnly: [],
      env: {},
      forwards: {},
      limits: { memoryMb: 256, cpus: 1, pids: 32, diskMb: 16 },
    })
    try {
      const look = await sandbox.spawn(['/bin/sh', '-c', 'id -u; touch here && echo tree; cat /proc/self/status'])
      const [said, complaint] = await Promise.all([readAll(look.stdout), readAll(look.stderr), look.exited])
      const promises: [boolean, string][] = [
        [/^\d+$/m.test(said), `The sandbox does not start: ${complaint.trim().slice(0, 300)}`],
        [!/^0$/m.test(said), 'Processes inside would be root.'],
        [/^tree$/m.test(said), 'The tree cannot be written from inside.'],
        [/^NoNewPrivs:\s*1$/m.test(said), 'Processes inside could gain privileges.'],
        [/^Seccomp:\s*2$/m.test(said), 'The system call filter does not hold.'],
        [/^CapEff:\s*0+$/m.test(said), 'Processes inside hold capabilities.'],
      ]
      return promises.find(([kept]) => !kept)?.[1] ?? null
    } finally {
      await sandbox.close()
    }
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function readValue(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return null
  }
}
