// The room of a sandbox: a mount and a network namespace, furnished once, that every command of the trial starts in.
// A shell of the house keeps it open and waits on a pipe, so the room vanishes with the house, whatever ends it.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { posix } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import { filesPerMb } from './disk.ts'
import { sandboxIdentity } from './identity.ts'
import type { SandboxPolicy } from './sandbox.ts'
import { findTools, launcherEnv } from './tools.ts'
import { isUnder, type Place, planView, stubFiles } from './view.ts'

export interface Room {
  /** Process id of the keeper. */
  pid: number
  /** The folder that becomes `/` inside. */
  root: string
  /** Program and arguments that carry a command into the room, as the identity that runs inside. */
  enter: string[]
  /** As `enter`, but only into the network namespace and as the house itself. */
  enterNetwork: string[]
  close(): Promise<void>
}

/** Builds the room. Throws `Refusal('unavailable')` when this machine cannot. */
export async function openRoom(policy: SandboxPolicy): Promise<Room> {
  const { paths, missing } = findTools()
  if (missing.length > 0) throw new Refusal('unavailable', `The sandbox needs ${missing.join(', ')}; install them.`)
  const places = planView(policy)
  const root = makeMountPoint()
  const identity = sandboxIdentity()
  const keeper = spawn(
    paths.bwrap,
    [
      ...(identity ? [] : ['--unshare-user', '--uid', '0', '--gid', '0']),
      ...['--unshare-net', '--cap-add', 'ALL', '--die-with-parent', '--dev-bind', '/', '/', '--tmpfs', root],
      ...places.flatMap((place) => placeArgs(place, root, places, policy)),
      ...places.flatMap(({ kind, path }) => (kind === 'shield' ? ['--remount-ro', root + path] : [])),
      '--',
      paths.sh,
      '-c',
      furnish,
      'seatrial-room',
      ...furnishArgs(policy, root, identity ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }),
    ],
    { env: launcherEnv, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] },
  )
  const pid = await readyPid(keeper).catch((error: unknown) => {
    rmdirSync(root)
    throw error
  })
  const target = ['-t', String(pid)]
  const user = identity ? [] : ['-U', '--preserve-credentials']
  const drop = identity ? ['-S', String(identity.uid), '-G', String(identity.gid)] : []
  return {
    pid,
    root,
    enter: [paths.nsenter, ...target, ...user, '-m', '-n', ...drop, '--'],
    enterNetwork: [paths.nsenter, ...target, ...user, '-n', '--'],
    close: () => closeRoom(keeper, root),
  }
}

/** An empty folder of our own, named after the house, so that a later one can clear it. */
function makeMountPoint(): string {
  // /run belongs to root alone; elsewhere the random part keeps other users from being there first.
  const base = process.getuid?.() === 0 ? '/run' : tmpdir()
  sweep(base)
  return mkdtempSync(`${base}/${prefix}${process.pid}-`)
}

const prefix = 'seatrial-room-'
const swept = new Set<string>()

/** Removes mount points of houses that are dead; they are empty, or they stay. */
function sweep(base: string): void {
  if (swept.has(base)) return
  swept.add(base)
  for (const name of readdirSync(base)) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('-')[0]) : 0
    if (!pid || existsSync(`/proc/${pid}`)) continue
    try {
      rmdirSync(`${base}/${name}`)
    } catch {
      // Somebody else's, or not empty.
    }
  }
}

function placeArgs(place: Place, root: string, places: Place[], policy: SandboxPolicy): string[] {
  const at = root + place.path
  const parents = parentsOf(place.path)
    .filter((dir) => !places.some((other) => other.path === dir))
    // Below a read-only folder the mount point has to be there already.
    .filter((dir) => !places.some((other) => other.kind === 'read-only' && isUnder(dir, other.path)))
    .flatMap((dir) => ['--perms', '0755', '--dir', root + dir])
  switch (place.kind) {
    case 'read-only':
      return [...parents, '--ro-bind', place.source, at]
    case 'writable':
      return [...parents, '--bind', place.source, at]
    case 'link':
      return [...parents, '--symlink', place.target, at]
    case 'tmpfs':
      return [...parents, '--size', String(policy.limits.diskMb * 1024 ** 2), '--perms', '1777', '--tmpfs', at]
    case 'shield':
      return ['--perms', '0755', '--tmpfs', at]
    case 'empty':
      return [...parents, '--perms', '0755', '--dir', at]
  }
}

function parentsOf(path: string): string[] {
  const parent = posix.dirname(path)
  return parent === '/' ? [] : [...parentsOf(parent), parent]
}

/** Finishes what bwrap cannot: the inode limit, an overlay, the stub files; then waits until the house lets go. */
const furnish = `
set -e
root=$1 tmp=$2 overlay=$3 tree=$4; shift 4
mount --options-mode ignore -t tmpfs -o "$tmp" tmpfs "$root/tmp"
if [ -n "$overlay" ]; then mount -t overlay -o "$overlay" overlay "$tree"; fi
while [ $# -gt 0 ]; do printf %s "$2" > "$root$1"; shift 2; done
mount --options-mode ignore -o remount,bind,ro,nosuid,nodev tmpfs "$root"
echo "ready $$"
read -r _ || :
`

function furnishArgs(policy: SandboxPolicy, root: string, identity: { uid: number; gid: number }): string[] {
  const { diskMb } = policy.limits
  const tmp = `remount,nosuid,nodev,size=${diskMb}m,nr_inodes=${diskMb * filesPerMb}`
  return [
    root,
    tmp,
    overlayOptions(policy),
    root + policy.mountAt,
    ...Object.entries(stubFiles(identity.uid, identity.gid)).flat(),
  ]
}

function overlayOptions({ tree }: SandboxPolicy): string {
  if (tree.kind === 'directory') return ''
  const quote = (path: string) => path.replace(/[\\,:]/g, '\\$&')
  const lower = tree.lower.map(quote).join(':')
  return `userxattr,index=off,nosuid,nodev,lowerdir=${lower},upperdir=${quote(tree.upper)},workdir=${quote(tree.work)}`
}

/** The keeper's own process id, once the room is furnished. */
function readyPid(keeper: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = ''
    let complaint = ''
    keeper.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const pid = /^ready (\d+)$/m.exec(said)?.[1]
      if (pid) resolve(Number(pid))
    })
    keeper.stderr?.on('data', (chunk: Buffer) => {
      complaint += chunk.toString()
    })
    const fail = (why: string) =>
      reject(new Refusal('unavailable', `The sandbox could not be set up on this machine: ${why.trim().slice(0, 500)}`))
    keeper.once('error', (error) => fail(error.message))
    keeper.once('close', (code) => fail(complaint || `its keeper ended with ${code}`))
  })
}

async function closeRoom(keeper: ChildProcess, root: string): Promise<void> {
  const gone =
    keeper.exitCode === null && keeper.signalCode === null
      ? new Promise<void>((resolve) => keeper.once('exit', () => resolve()))
      : Promise.resolve()
  keeper.stdin?.destroy()
  await gone
  rmdirSync(root)
}
