// Runs the attacks as a given user in network and host name namespaces of their own, whose loopback interface carries
// the addresses that attacks go for: nothing leaves this machine, and its name stays what it is.
import { spawn } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { findTool } from '../../server/sandbox/tools.ts'
import type { Attempt } from './attack.ts'
import type { Outcome } from './attempt.ts'
import { addresses } from './world.ts'

export interface Result {
  name: string
  layer: string
  undefended: Outcome
  defended: Outcome
  why: { undefended: Attempt | null; defended: Attempt | null }
}

const setUp = `
set -e
ip link set lo up
for a in ${Object.values(addresses).join(' ')}; do ip address add $a/32 dev lo; done
echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start
exec "$@"
`

/** Is everything here that the undefended side needs? Null when it is, otherwise what is missing. */
export function cannotRun(): string | null {
  if (process.getuid?.() !== 0) return 'the suite needs root, to make its network and to play both users'
  const missing = ['unshare', 'ip', 'setpriv', 'ipcmk', 'python3', 'curl'].filter((tool) => findTool(tool) === null)
  return missing.length > 0 ? `missing: ${missing.join(', ')}` : null
}

/** All results, in order; `uid` 0 is a house run by root. */
export async function runAttacks(uid: number, part = ''): Promise<Result[]> {
  const dir = mkdtempSync(join(tmpdir(), 'seatrial-hostile-run-'))
  chownSync(dir, uid, uid)
  const drop = uid === 0 ? [] : ['setpriv', '--reuid', String(uid), '--regid', String(uid), '--clear-groups', '--']
  const file = fileURLToPath(new URL('run.ts', import.meta.url))
  const child = spawn(
    findTool('unshare') ?? '',
    ['--net', '--uts', '--', '/bin/sh', '-c', setUp, 'sh', ...drop, process.execPath, file, part],
    {
      env: { PATH: process.env.PATH, TMPDIR: dir, HOME: dir, SEATRIAL_HOSTILE_NET: '1', NODE_NO_WARNINGS: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const results: Result[] = []
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  for await (const line of createInterface({ input: child.stdout })) results.push(JSON.parse(line))
  const code = await exited
  rmSync(dir, { recursive: true, force: true })
  if (code !== 0) throw new Error(`The attacks ended with ${code} after ${results.length} results`)
  return results
}
