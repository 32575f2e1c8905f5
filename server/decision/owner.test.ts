// A root house and somebody else's checkout: everything done there is done as that person.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AcceptInput, ProjectSettings } from '@seatrial/protocol'
import { expect, test } from 'vitest'
import { makeRepo, tempDir, writeFiles } from '../workspace/make-repo.ts'
import { openWorkspaces } from '../workspace/open.ts'
import { applyCandidate } from './apply.ts'
import { undoApplied } from './undo.ts'

test.skipIf(process.getuid?.() !== 0)('a working tree of somebody else is read and written as its owner', async () => {
  const repo = makeRepo({ 'a.ts': 'a\n' })
  const dataDir = tempDir()
  const room = await openWorkspaces({ dataDir })
  const project = { id: 'p-test', path: repo.path, settings: ProjectSettings.parse({}) }
  repo.write({ 'a.ts': 'dirty\n', 'new.ts': 'n\n' })
  execFileSync('chown', ['-R', '12345:12345', repo.path])
  const strangers = () => execFileSync('find', [repo.path, '-not', '-uid', '12345'], { encoding: 'utf8' })

  const base = await room.resolveBase(project, { kind: 'working-tree' })
  const layer = await room.baseLayer(
    project,
    base,
    async () => {},
    () => {},
  )
  const workspace = await room.create('r-one', layer)
  expect(readFileSync(join(workspace.dir, 'new.ts'), 'utf8')).toBe('n\n')
  writeFiles(workspace.dir, { 'a.ts': 'agent\n', 'deep/x.ts': 'x\n' })
  const made = await workspace.checkpoint('x')
  await workspace.destroy()
  const result = await applyCandidate({
    storeDir: room.storeDir('p-test'),
    checkout: repo.path,
    base,
    candidateTree: made?.tree as string,
    decisionId: 'd-one',
    taskId: 't-one',
    title: 'x',
    input: AcceptInput.parse({}),
  })
  expect(result).toMatchObject({ outcome: 'applied', files: ['a.ts', 'deep/x.ts'] })
  expect(readFileSync(join(repo.path, 'a.ts'), 'utf8')).toBe('agent\n')
  expect(strangers()).toBe('')
  await undoApplied({ checkout: repo.path, decisionId: 'd-one' })
  expect(readFileSync(join(repo.path, 'a.ts'), 'utf8')).toBe('dirty\n')
  expect(strangers()).toBe('')
  rmSync(dataDir, { recursive: true })
  repo.remove()
})
