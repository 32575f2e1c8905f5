// A look at an ordinary user's overlay: mounted in a namespace that a shell of the house keeps open until the look is over.
import { spawn } from 'node:child_process'
import { join, relative } from 'node:path'
import { findTools, launcherEnv } from '../../sandbox/tools.ts'
import type { Look, TrialPlace } from '../rung.ts'

/** Waits on its input, so the namespace vanishes with the house, whatever ends it. */
const keep = 'cd "$1" && mount -t overlay -o "$2" overlay tree && echo "ready $$" && { read -r _ || :; }'

/** Reading leaves the work folder of a sandbox's own mount alone, so that the trial may be frozen in the middle of it. */
const optionsOf = { read: 'ro,workdir=look', write: 'workdir=work' }

/** Throws when the kernel refuses; `write` must not overlap with a sandbox on the same tree. */
export async function openLook(place: TrialPlace, mode: 'read' | 'write'): Promise<Look> {
  const { paths } = findTools()
  // Relative to the trial's folder, so that no character of the data folder's path needs escaping.
  const lower = place.layers.map((dir) => relative(place.dir, dir)).join(':')
  const options = `userxattr,index=off,nosuid,nodev,lowerdir=${lower},upperdir=upper,${optionsOf[mode]}`
  const namespace = ['--unshare-user', '--uid', '0', '--gid', '0', '--cap-add', 'ALL', '--die-with-parent']
  const command = [paths.sh, '-c', keep, 'seatrial-look', place.dir, options]
  const keeper = spawn(paths.bwrap, [...namespace, '--dev-bind', '/', '/', '--', ...command], {
    env: launcherEnv,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => keeper.once('close', () => resolve()))
  const pid = await new Promise<number>((resolve, reject) => {
    let said = ''
    let complaint = ''
    keeper.stdout.on('data', (chunk: Buffer) => {
      said += chunk
      const ready = /^ready (\d+)$/m.exec(said)
      if (ready) resolve(Number(ready[1]))
    })
    keeper.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk
    })
    keeper.once('error', reject)
    keeper.once('close', (code) => reject(new Error(complaint.trim() || `The look ended with ${code}.`)))
  })
  const workTree = join(place.dir, 'tree')
  const enter = [paths.nsenter, '-t', String(pid), '-U', '--preserve-credentials', '-m', '--']
  return {
    dir: `/proc/${pid}/root${workTree}`,
    workTree,
    via: [...enter, 'env', '-C', workTree],
    close: async () => {
      keeper.stdin.destroy()
      await ended
    },
  }
}
