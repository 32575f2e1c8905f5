// What a process inside sees of the file system: a table of the system's parts, and the trial's own places.
import { existsSync, lstatSync, readlinkSync } from 'node:fs'
import { posix } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import type { SandboxPolicy } from './sandbox.ts'

/** Where the private home appears inside. */
export const homeInside = '/home/trial'

/** Parts of the system that programs need, read-only. Nothing of /var, /run, /srv, /root, /home or /sys. */
const systemPaths = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/nix/store',
  '/etc/alternatives',
  '/etc/ca-certificates',
  '/etc/ca-certificates.conf',
  '/etc/crypto-policies',
  '/etc/fonts',
  '/etc/java',
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/localtime',
  '/etc/mime.types',
  '/etc/os-release',
  '/etc/pki/tls/certs',
  '/etc/pki/ca-trust/extracted',
  '/etc/protocols',
  '/etc/services',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/terminfo',
]

/** Places that stay the system's or the sandbox's own. */
const reserved = ['/proc', '/dev', '/sys', '/usr', '/bin', '/sbin', '/lib', '/lib64', '/etc', homeInside]

/** Small files written for the trial in place of the host's. */
export function stubFiles(uid: number, gid: number): Record<string, string> {
  return {
    '/etc/passwd': `trial:x:${uid}:${gid}:trial:${homeInside}:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`,
    '/etc/group': `trial:x:${gid}:\nnogroup:x:65534:\n`,
    '/etc/hosts': '127.0.0.1 localhost trial\n::1 localhost\n',
    '/etc/hostname': 'trial\n',
    '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
    '/etc/resolv.conf': '',
  }
}

/** One thing placed in the view; `path` is where it appears inside. */
export type Place =
  | { kind: 'read-only' | 'writable'; path: string; source: string }
  | { kind: 'link'; path: string; target: string }
  | { kind: 'tmpfs'; path: string }
  /** A folder on the way to something below `/tmp`: a mount, so that it cannot be moved away, and closed. */
  | { kind: 'shield'; path: string }
  | { kind: 'empty'; path: string }

/** Everything the sandbox shows, parents before children. Throws `Refusal` for paths that would hide the system or escape. */
export function planView(policy: SandboxPolicy): Place[] {
  // Below /usr it is there already. Below the tree or the home the trial's own files are shown: a mount point there
  // could be a symlink that an earlier command planted.
  const shown = ['/usr', policy.mountAt, homeInside]
  const readOnly = policy.readOnly.filter((path) => !shown.some((folder) => isUnder(path, folder)))
  checkPaths(policy.mountAt, readOnly)
  const places: Place[] = [
    ...systemPlaces(),
    ...readOnly.map((path) => ({ kind: 'read-only', path, source: path }) as const),
    { kind: 'tmpfs', path: '/tmp' },
    { kind: 'writable', path: homeInside, source: policy.home },
    policy.tree.kind === 'directory'
      ? { kind: 'writable', path: policy.mountAt, source: policy.tree.dir }
      : { kind: 'empty', path: policy.mountAt },
    { kind: 'empty', path: '/proc' },
    { kind: 'empty', path: '/dev' },
  ]
  const shields = places
    .filter(({ path }) => path.startsWith('/tmp/') && depth(path) > 3)
    .map(({ path }) => ({ kind: 'shield', path: path.split('/').slice(0, 3).join('/') }) as const)
  const byPath = new Map([...shields, ...places].map((place) => [place.path, place]))
  return [...byPath.values()].sort((a, b) => depth(a.path) - depth(b.path))
}

/** Is `path` the folder itself or below it? */
export function isUnder(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
}

function systemPlaces(): Place[] {
  return systemPaths.filter(existsSync).map((path) => {
    const link = lstatSync(path).isSymbolicLink() && !path.startsWith('/etc/')
    return link ? { kind: 'link', path, target: readlinkSync(path) } : { kind: 'read-only', path, source: path }
  })
}

function checkPaths(mountAt: string, readOnly: string[]): void {
  for (const path of [mountAt, ...readOnly]) {
    const plain =
      posix.isAbsolute(path) && posix.normalize(path) === path && !path.endsWith('/') && !path.includes('\0')
    if (!plain) throw new Refusal('bad_request', `The sandbox needs plain absolute paths, not "${path}".`)
    if ([...reserved, '/tmp'].some((taken) => isUnder(taken, path)))
      throw new Refusal(
        'bad_request',
        `${path} would hide a part of the system inside the sandbox; use a folder below it.`,
      )
  }
  if (reserved.some((taken) => isUnder(mountAt, taken)))
    throw new Refusal('bad_request', `The sandbox cannot place a tree at ${mountAt}; move the checkout elsewhere.`)
}

function depth(path: string): number {
  return path.split('/').length
}
