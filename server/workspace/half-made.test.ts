// A crash between the mount of a workspace and its state file: it can be made again, and collected, without a mount left.
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProjectSettings } from '@seatrial/protocol'
import { afterEach, expect, test } from 'vitest'
import { makeRepo } from './make-repo.ts'
import { openWorkspaces } from './open.ts'

const folders: string[] = []
afterEach(() => {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true })
})

const mountsBelow = (dir: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(dir))

test.skipIf(process.platform !== 'linux')(
  'a half-made workspace is made anew or removed, with its mounts',
  async () => {
    const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'half-')))
    const { path: repo } = makeRepo({ 'a.txt': 'a\n' })
    folders.push(dataDir, repo)
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
