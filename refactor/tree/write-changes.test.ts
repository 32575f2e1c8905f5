import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { makeTree } from '../testing/make-tree.ts'
import type { Change } from './changes.ts'
import { openTree } from './tree.ts'
import { writeChanges } from './write-changes.ts'

const change = (moves: [string, string][]): Change => ({
  edits: new Map([
    ['a.ts', [{ start: 0, end: 1, text: 'A' }]],
    ['b.ts', [{ start: 0, end: 1, text: 'B' }]],
  ]),
  moves: new Map(moves),
})

it('writes edits and moves as one', () => {
  using repo = makeTree({ 'a.ts': 'a', 'b.ts': 'b' })
  const tree = openTree(repo.root)
  for (const file of tree.files) tree.read(file)
  writeChanges(tree.root, change([['a.ts', 'deep/er/a.ts']]), tree.seen)
  expect([repo.read('deep/er/a.ts'), repo.read('b.ts')]).toEqual(['A', 'B'])
})

it('puts everything back when a later file cannot be written', () => {
  using repo = makeTree({ 'a.ts': 'a', 'b.ts': 'b', c: 'a file where a folder would have to be' })
  const tree = openTree(repo.root)
  for (const file of tree.files) tree.read(file)
  const blocked = change([
    ['a.ts', 'deep/a.ts'],
    ['b.ts', 'c/b.ts'],
  ])
  expect(() => writeChanges(tree.root, blocked, tree.seen)).toThrow(/Nothing was changed because writing failed/)
  expect([repo.read('a.ts'), repo.read('b.ts')]).toEqual(['a', 'b'])
  expect(readdirSync(repo.root).sort()).toEqual(['.git', 'a.ts', 'b.ts', 'c'])
})

it('refuses when a file changed since it was read, and leaves nothing behind', () => {
  using repo = makeTree({ 'a.ts': 'a', 'b.ts': 'b' })
  const tree = openTree(repo.root)
  for (const file of tree.files) tree.read(file)
  repo.write('b.ts', 'changed meanwhile')
  expect(() => writeChanges(tree.root, change([]), tree.seen)).toThrow('b.ts changed while the refactoring was planned')
  expect([repo.read('a.ts'), repo.read('b.ts')]).toEqual(['a', 'changed meanwhile'])
  expect(readdirSync(repo.root).sort()).toEqual(['.git', 'a.ts', 'b.ts'])
})
