import { expect, test } from 'vitest'
import { namesFullDisk } from './disk-space.ts'

test.each([
  ['ours', new Error('ENOSPC: no space left on device, write'), true],
  ['a quota', new Error('EDQUOT: disk quota exceeded, write'), true],
  ["git's", new Error("git fast-import ended with 128: fatal: sha1 file 'x' write error. Out of diskspace"), true],
  [
    "the store's",
    new Error('Failed query: …', { cause: new Error('could not extend file: No space left on device') }),
    true,
  ],
  ['another', new Error('EACCES: permission denied'), false],
  ['no error', 'No space left on device', false],
])('a full disk is known by %s words', (_, error, full) => {
  expect(namesFullDisk(error)).toBe(full)
})
