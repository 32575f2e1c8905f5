// The command line that runs one command inside a room: join the groups, enter, lock the doors, run.
import { posix } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import type { Room } from './room.ts'
import type { SandboxPolicy, SpawnOptions } from './sandbox.ts'
import { findTools } from './tools.ts'
import { homeInside } from './view.ts'

/** File descriptors handed to bwrap: its arguments (so that no other user's `ps` shows the environment), seccomp, its report. */
export const descriptors = { args: 3, seccomp: 4, info: 5 } as const

/** Joins each control group named, sets the limits that are inherited, and becomes the command. */
const join = `
n=$1 blocks=$2; shift 2
while [ "$n" -gt 0 ]; do echo 0 > "$1/cgroup.procs" || exit 125; shift; n=$((n - 1)); done
ulimit -c 0 && ulimit -f "$blocks" || exit 125
exec "$@"
`

export interface Launch {
  command: string
  args: string[]
  /** What bwrap reads from its own descriptor, NUL-separated. */
  hidden: string
}

/** Pure: how to start `argv` in the room. `limitPids` sets the process limit by rlimit, where no group does. */
export function planLaunch(
  policy: SandboxPolicy,
  room: Pick<Room, 'root' | 'enter'>,
  groups: string[],
  limitPids: boolean,
  argv: [string, ...string[]],
  options: SpawnOptions,
): Launch {
  const { paths } = findTools()
  const { pids, diskMb } = policy.limits
  const joined = groups.length > 0
  // Every program on the way costs a millisecond: the limits are set by whichever is there anyway.
  const files = joined ? [] : ['--core=0', `--fsize=${diskMb * 1024 ** 2}`]
  const limits = [...files, ...(limitPids ? [`--nproc=${pids}`] : [])]
  const inner = limits.length > 0 ? [paths.prlimit, ...limits, '--', ...argv] : argv
  const enter = [...room.enter, paths.bwrap, '--args', String(descriptors.args), '--', ...inner]
  const outer = joined
    ? [paths.sh, '-c', join, 'seatrial', String(groups.length), String(diskMb * 2048), ...groups]
    : []
  const [command = '', ...args] = [...outer, ...enter]
  return {
    command,
    args,
    hidden: bwrapArgs(policy, room.root, options)
      .map((arg) => `${arg}\0`)
      .join(''),
  }
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
