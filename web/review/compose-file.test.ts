import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileDiff } from '@seatrial/protocol/diff'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fileDiff } from '../dev/patch-text.ts'
import { composeFile, newSide } from './compose-file.ts'
import { type Choice, chooseLines, isChange } from './draft.ts'

/** The diff git makes of two texts, as the house tells it. */
function diffOf(before: string, after: string): FileDiff | null {
  const dir = mkdtempSync(join(tmpdir(), 'compose-'))
  try {
    writeFileSync(join(dir, 'a'), before)
    writeFileSync(join(dir, 'b'), after)
    execFileSync('git', ['diff', '--no-index', '--no-color', '-U2', 'a', 'b'], { cwd: dir })
    return null
  } catch (error) {
    const text = String((error as { stdout: Buffer }).stdout)
    return fileDiff('f', text.slice(text.indexOf('@@ ')))
  } finally {
    rmSync(dir, { recursive: true })
  }
}

const all = (file: FileDiff, choice: Choice) => Object.fromEntries(file.hunks.map(({ id }) => [id, choice]))
const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 24 })
const text = fc
  .tuple(lines, fc.boolean())
  .map(([list, ended]) => list.join('\n') + (ended && list.length > 0 ? '\n' : ''))

test('taking all gives the candidate, taking none gives the base, whatever the texts', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const file = diffOf(before, after)
      if (!file) return
      expect(composeFile(after, file, all(file, { kind: 'accept' }))).toBe(after)
      expect(composeFile(after, file, {})).toBe(before)
      const none = Object.fromEntries(
        file.hunks.map((hunk) => [
          hunk.id,
          chooseLines(
            hunk,
            undefined,
            hunk.lines.flatMap((line, index) => (isChange(line) ? [index] : [])),
            false,
          ),
        ]),
      )
      expect(composeFile(after, file, none)).toBe(before)
    }),
    { numRuns: 60 },
  )
})

const before = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n'
const after = 'one\nTWO\nplus\nthree\nfour\nfive\nsix\nseven\neight\nNINE\n'
const file = diffOf(before, after)!
const [first, second] = file.hunks as [FileDiff['hunks'][number], FileDiff['hunks'][number]]

test('one hunk can be taken without the other', () => {
  expect(composeFile(after, file, { [first.id]: { kind: 'accept' } })).toBe(
    'one\nTWO\nplus\nthree\nfour\nfive\nsix\nseven\neight\nnine\n',
  )
  expect(composeFile(after, file, { [second.id]: { kind: 'accept' } })).toBe(
    'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nNINE\n',
  )
})

test('single lines can be left out of a hunk', () => {
  const plus = first.lines.indexOf('+plus')
  const choice = chooseLines(first, undefined, [plus], false)
  expect(choice).toEqual({ kind: 'lines', drop: [plus] })
  expect(composeFile(after, file, { [first.id]: choice, [second.id]: { kind: 'accept' } })).toBe(
    'one\nTWO\nthree\nfour\nfive\nsix\nseven\neight\nNINE\n',
  )
  expect(chooseLines(first, choice, [plus], true)).toEqual({ kind: 'accept' })
})

test('the first lines taken of an undecided hunk are the only ones', () => {
  const plus = first.lines.indexOf('+plus')
  const choice = chooseLines(first, undefined, [plus], true)
  expect(composeFile(after, file, { [first.id]: choice })).toBe(
    'one\ntwo\nplus\nthree\nfour\nfive\nsix\nseven\neight\nnine\n',
  )
})

test("a person's own text stands where the hunk stood", () => {
  const mine = [...newSide(first)]
  mine[mine.indexOf('plus')] = 'mine'
  expect(composeFile(after, file, { [first.id]: { kind: 'edit', text: mine.join('\n') } })).toBe(
    'one\nTWO\nmine\nthree\nfour\nfive\nsix\nseven\neight\nnine\n',
  )
})
