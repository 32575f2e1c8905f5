// How a command gets into a room: a launcher that waits (groups joined, limits set), and the order it is given.
import { posix } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import type { Room } from './room.ts'
import type { SandboxPolicy, SpawnOptions } from './sandbox.ts'
import { findTools } from './tools.ts'
import { homeInside } from './view.ts'

/**
 * File descriptors of a launcher: what bwrap reads (its arguments, so that no other user's `ps` shows the environment;
 * seccomp; its report), and where the launcher waits for its order.
 */
export const descriptors = { args: 3, seccomp: 4, info: 5, order: 6 } as const

/**
 * Joins each control group named (the kernel may take a grace period for each process that moves), sets the limits that
 * are inherited, waits for one line of shell words, and becomes them.
 */
const wait = `
n=$1 blocks=$2; shift 2
while [ "$n" -gt 0 ]; do echo 0 > "$1/cgroup.procs" || exit 125; shift; n=$((n - 1)); done
nl='
'
ulimit -c 0 && ulimit -f "$blocks" && IFS= read -r order <&${descriptors.order} || exit 125
eval "exec $order ${descriptors.order}<&-"
`

/** Pure: program and arguments of a launcher, which does not yet know what will run. */
export function planLauncher({ limits }: SandboxPolicy, groups: string[]): [command: string, ...args: string[]] {
  return [findTools().paths.sh, '-c', wait, 'seatrial', String(groups.length), String(limits.diskMb * 2048), ...groups]
}

export interface Order {
  /** One line of shell words. */
  words: string
  /** What bwrap reads from its own descriptor, NUL-separated. */
  hidden: string
}

/** Pure: how to start `argv`. `limitPids` sets the process limit by rlimit, where no group does. */
export function planOrder(
  policy: SandboxPolicy,
  room: Pick<Room, 'root' | 'enter'>,
  limitPids: boolean,
  argv: [string, ...string[]],
  options: SpawnOptions,
): Order {
  const { paths } = findTools()
  const limit = limitPids ? [paths.prlimit, `--nproc=${policy.limits.pids}`, '--'] : []
  const words = [...room.enter, paths.bwrap, '--args', String(descriptors.args), '--', ...limit, ...argv]
  return {
    words: words.map(shellWord).join(' '),
    hidden: bwrapArgs(policy, room.root, options)
      .map((arg) => `${arg}\0`)
      .join(''),
  }
}

/** A word the launcher's shell reads as just this text; an order is one line, so a line break is a variable of its own. */
function shellWord(text: string): string {
  if (text.includes('\0')) throw new Refusal('bad_request', 'An argument of the command holds a NUL byte.')
  return `'${text.replaceAll("'", `'\\''`).replaceAll('\n', `'"$nl"'`)}'`
}

function bwrapArgs(policy: SandboxPolicy, root: string, options: SpawnOptions): string[] {
  const env = { ...baseEnv, ...policy.env, ...options.env }
  return [
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...identityArgs(),
    ...['--disable-userns', '--cap-drop', 'ALL', '--new-session', '--die-with-parent', '--hostname', 'trial'],
    ...['--bind', root, '/', '--proc', '/proc', '--dev', '/dev'],
    ...['--size', String(shmMb(policy) * 1024 ** 2), '--perms', '1777', '--tmpfs', '/dev/shm', '--remount-ro', '/dev'],
    ...['--chdir', workingDirectory(policy, options.cwd ?? '.'), '--clearenv'],
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', checkName(name), checkValue(name, value)]),
    ...['--seccomp', String(descriptors.seccomp), '--info-fd', String(descriptors.info)],
  ]
}

/** An ordinary user enters the room as a stand-in for root; inside they are themselves again. */
function identityArgs(): string[] {
  const uid = process.getuid?.() ?? 0
  return uid === 0 ? [] : ['--uid', String(uid), '--gid', String(process.getgid?.() ?? uid)]
}

const baseEnv = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin',
  HOME: homeInside,
  USER: 'trial',
  LOGNAME: 'trial',
  SHELL: '/bin/sh',
  LANG: 'C.UTF-8',
  TMPDIR: '/tmp',
}

/** Shared memory is memory: never more than a quarter of what the trial may use. */
function shmMb(policy: SandboxPolicy): number {
  return Math.max(16, Math.min(policy.limits.diskMb, Math.floor(policy.limits.memoryMb / 4)))
}

/** Absolute folder inside for a path relative to the tree. Throws `Refusal` when it leaves the tree. */
export function workingDirectory(policy: SandboxPolicy, cwd: string): string {
  const dir = posix.resolve(policy.mountAt, cwd)
  if (dir !== policy.mountAt && !dir.startsWith(`${policy.mountAt}/`))
    throw new Refusal('bad_request', `${cwd} is outside the trial's tree.`)
  return dir
}

function checkName(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name))
    throw new Refusal('bad_request', `${JSON.stringify(name)} is no name for an environment variable.`)
  return name
}

function checkValue(name: string, value: string): string {
  if (value.includes('\0')) throw new Refusal('bad_request', `The environment variable ${name} holds a NUL byte.`)
  return value
}
