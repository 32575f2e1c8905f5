// A crash between a mount and the file that remembers it: what is half made is made again or cleared, without a mount left.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProjectSettings } from '@seatrial/protocol'
import { afterEach, expect, test } from 'vitest'
import { makeRepo } from './make-repo.ts'
import { openWorkspaces } from './open.ts'
import { fuseOverlay } from './rungs/fuse-overlay.ts'
import { overlay } from './rungs/overlay.ts'

const folders: string[] = []
afterEach(() => {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true })
})

const makeDataDir = (): string => {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'half-')))
  folders.push(dataDir)
  return dataDir
}

const mountsBelow = (dir: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(dir))

test.skipIf(process.platform !== 'linux')(
  'a half-made workspace is made anew or removed, with its mounts',
  async () => {
    const dataDir = makeDataDir()
    const { path: repo } = makeRepo({ 'a.txt': 'a\n' })
    folders.push(repo)
    const project = { id: 'p', path: repo, settings: ProjectSettings.parse({ setup: [] }) }
    const rooms = await openWorkspaces({ dataDir })
    const base = await rooms.resolveBase(project, { kind: 'commit', ref: 'HEAD' })
    const layer = await rooms.baseLayer(
      project,
      base,
      async () => {},
      () => {},
    )
    const forget = (trial: string): void => rmSync(join(dataDir, 'trials', trial, 'workspace.json'))

    for (const trial of ['again', 'collected']) {
      await rooms.create(trial, layer)
      forget(trial)
      expect(await rooms.reopen(trial)).toBeNull()
    }
    const again = await rooms.create('again', layer)
    expect(readFileSync(join(again.dir, 'a.txt'), 'utf8')).toBe('a\n')
    await again.destroy()
    const items = await rooms.garbage({ trials: new Set(), projects: new Set(['p']) })
    for (const item of items.filter(({ kind }) => kind === 'workspace')) await item.remove()
    expect(existsSync(join(dataDir, 'trials', 'again'))).toBe(false)
    expect(existsSync(join(dataDir, 'trials', 'collected'))).toBe(false)
    expect(mountsBelow(dataDir)).toEqual([])
  },
)

/** The first half of a probe, in a process of its own that is then killed: the rung is open and nobody will close it. */
const halfAProbe = `
import { mkdirSync } from 'node:fs'
const [rung, dir] = process.argv.slice(1)
const { ladder } = await import(${JSON.stringify(`${import.meta.dirname}/ladder.ts`)})
const { probePlace } = await import(${JSON.stringify(`${import.meta.dirname}/rung.ts`)})
const place = await probePlace(dir)
mkdirSync(place + '/lower/folder', { recursive: true })
await ladder.find(({ name }) => name === rung).open({ dir: place, layers: [place + '/lower'], owner: null })
console.log('open')
setInterval(() => {}, 1000)
`

for (const rung of [overlay, fuseOverlay]) {
  const dir = mkdtempSync(join(tmpdir(), 'half-'))
  const why = await rung.probe(dir)
  rmSync(dir, { recursive: true })
  test.skipIf(why)(`a start clears what a killed probe of ${rung.name} left`, async () => {
    const dataDir = makeDataDir()
    const child = spawn(process.execPath, ['--input-type=module', '-e', halfAProbe, rung.name, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(mountsBelow(dataDir)).toHaveLength(1)
    mkdirSync(join(dataDir, 'other'))
    await openWorkspaces({ dataDir })
    expect(mountsBelow(dataDir)).toEqual([])
    expect(readdirSync(dataDir).sort()).toEqual(['other', 'trials'])
  })
}
