import { readdirSync, readFileSync } from 'node:fs'
import { Refusal } from '@seatrial/protocol'
import { expect, it } from 'vitest'
import { makeTree } from '../testing/make-tree.ts'
import { openTree } from '../tree/tree.ts'
import { withEngine } from './with-engine.ts'

const files = { 'tsconfig.json': '{}', 'a.ts': 'export const a = 1\n' }

/** Command lines of our children that are still there. */
const servers = (): string[] =>
  readdirSync('/proc').flatMap((id) => {
    try {
      const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]
      const line = readFileSync(`/proc/${id}/cmdline`, 'utf8')
      return Number(parent) === process.pid && /--lsp|tsserver/.test(line) ? [line] : []
    } catch {
      return []
    }
  })

it('goes on to tsserver when the TypeScript 7 server fails, and leaves neither running', async () => {
  using repo = makeTree(files)
  const tree = openTree(repo.root)
  const tried: string[] = []
  const edits = await withEngine({ root: tree.root, textOf: tree.textOf }, async (engine) => {
    tried.push(engine.name)
    await engine.open(tree.path('a.ts'), tree.read('a.ts')!.text)
    if (tried.length === 1) {
      await engine.close()
      await engine.diagnostics(tree.path('a.ts'))
    }
    return engine.rename(tree.path('a.ts'), 13, 'b')
  })
  expect(tried).toEqual(['typescript 7 language server', 'tsserver 5.9'])
  expect([...edits.values()]).toEqual([[{ start: 13, end: 14, text: 'b' }]])
  expect(servers()).toEqual([])
})

it('does not take a refusal for a failure', async () => {
  using repo = makeTree(files)
  const tree = openTree(repo.root)
  let asked = 0
  const refused = withEngine({ root: tree.root, textOf: tree.textOf }, async () => {
    asked++
    throw new Refusal('conflict', 'No.')
  })
  await expect(refused).rejects.toThrow('No.')
  expect(asked).toBe(1)
})
