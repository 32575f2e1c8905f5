// Most people are not root. Started as root, this runs the room of workspaces and the main job again as somebody who owns
// nothing but a home folder; started by an ordinary user, every other story already is that test.
import { chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterEach, expect, test } from 'vitest'
import { leaks } from './house.ts'

/** In nobody's table: no name, no groups, no entry in /etc/passwd. */
const uid = 64_500
const repository = dirname(import.meta.dirname)
const setpriv = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
let home = ''

/** Runs a command as that user, with an environment of its own. */
function asUser(...command: string[]) {
  const env = [
    `HOME=${home}`,
    `TMPDIR=${join(home, 't')}`,
    `PATH=${dirname(process.execPath)}:/usr/bin:/bin:/usr/sbin:/sbin`,
  ]
  const [program = '', ...args] = [...setpriv, 'env', '-i', ...env, ...command]
  return execa(program, args, { cwd: repository, reject: false, all: true })
}

function makeHome(): void {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'stu-')))
  mkdirSync(join(home, 't'))
  for (const dir of [home, join(home, 't')]) chownSync(dir, uid, uid)
}

afterEach(() => rmSync(home, { recursive: true, force: true }))

const isRoot = process.getuid?.() === 0

test.skipIf(!isRoot)('workspaces and the journey work for a user without any rights', async (context) => {
  makeHome()
  const read = await asUser('test', '-r', join(repository, 'package.json'))
  if (read.exitCode !== 0) context.skip(`${repository} cannot be read by others, so nobody else can run it.`)
  const vitest = join(repository, 'node_modules/vitest/vitest.mjs')
  // The configuration is not bundled into a file, and no cache is kept: the repository is somebody else's.
  const flags = [
    '--configLoader',
    'runner',
    '--no-cache',
    '--reporter',
    'json',
    '--outputFile',
    join(home, 'report.json'),
  ]
  const files = ['server/workspace/rungs/user-overlay.test.ts', 'tests/journey.test.ts']
  const names = [
    'snapshot',
    'stands upon another',
    'outlives the house',
    'FUSE',
    'from prompt to accepted hunk',
    'becomes the candidate',
  ]
  const { all } = await asUser(process.execPath, vitest, 'run', ...flags, '-t', names.join('|'), ...files)
  const report = await readFile(join(home, 'report.json'), 'utf8').then(JSON.parse, () => null)
  expect(report, all).toMatchObject({ success: true, numFailedTests: 0 })
  expect(report.numPassedTests).toBeGreaterThanOrEqual(6)
  expect(leaks(home)).toEqual([])
})
