import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeWhole } from './whole-file.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'whole-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

test('a reader beside a hundred writes never finds half a file', async () => {
  const path = join(dir, 'sensitive.json')
  const text = JSON.stringify(Array.from({ length: 2000 }, (_, index) => `folder-${index}/**`))
  await writeWhole(path, text)
  let writing = true
  const writes = (async () => {
    for (let count = 0; count < 100; count++) await writeWhole(path, text)
    writing = false
  })()
  while (writing) {
    expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveLength(2000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await writes
  expect(readdirSync(dir)).toEqual(['sensitive.json'])
})

test('what cannot be put in place leaves nothing beside it', async () => {
  mkdirSync(join(dir, 'taken/by-a-folder'), { recursive: true })
  await expect(writeWhole(join(dir, 'taken'), 'text')).rejects.toThrow()
  expect(readdirSync(dir)).toEqual(['taken'])
})
