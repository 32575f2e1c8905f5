// Carries a change out: all files or none. Contents go to files beside their targets first and are renamed into place.
import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import { applyEdits, type Change } from './changes.ts'
import { readText, type TextFile, toBytes } from './text-file.ts'

type Undo = () => void

/** `seen` holds the text each edit was planned on; a file that differs from it by now refuses the whole change. */
export function writeChanges(root: string, change: Change, seen: Map<string, TextFile>): void {
  const staged = stage(root, change, seen)
  const undo: Undo[] = []
  try {
    for (const [from, to] of change.moves) undo.push(...moveFile(join(root, from), join(root, to)))
    for (const { temp, target, before } of staged) {
      renameSync(temp, target)
      undo.push(() => writeFileSync(target, before))
    }
  } catch (error) {
    for (const step of undo.reverse()) step()
    for (const { temp } of staged) rmSync(temp, { force: true })
    throw new Refusal('unavailable', `Nothing was changed because writing failed: ${(error as Error).message}.`)
  }
  for (const from of change.moves.keys()) removeEmpty(root, dirname(from))
}

type Staged = { temp: string; target: string; before: Buffer }

function stage(root: string, change: Change, seen: Map<string, TextFile>): Staged[] {
  const staged: Staged[] = []
  try {
    for (const to of change.moves.values())
      if (existsSync(join(root, to))) throw new Refusal('conflict', `${to} exists already; nothing was changed.`)
    for (const [file, edits] of change.edits) {
      const planned = seen.get(file)
      const path = join(root, file)
      const now = readText(path)
      if (!planned || !now || now.text !== planned.text || now.bom !== planned.bom)
        throw new Refusal(
          'conflict',
          `${file} changed while the refactoring was planned; nothing was changed, run it again.`,
        )
      const temp = join(dirname(path), `.refactor-${randomUUID()}`)
      const target = join(root, change.moves.get(file) ?? file)
      const entry = { temp, target, before: readFileSync(path) }
      staged.push(entry)
      writeFileSync(temp, toBytes({ text: applyEdits(file, now.text, edits), bom: now.bom }))
      chmodSync(temp, statSync(path).mode & 0o7777)
    }
  } catch (error) {
    for (const { temp } of staged) rmSync(temp, { force: true })
    if (error instanceof Refusal) throw error
    throw new Refusal('unavailable', `Nothing was changed because writing failed: ${(error as Error).message}.`)
  }
  return staged
}

function moveFile(from: string, to: string): Undo[] {
  const made = mkdirSync(dirname(to), { recursive: true })
  renameSync(from, to)
  return [...(made ? [() => rmSync(made, { recursive: true, force: true })] : []), () => renameSync(to, from)]
}

function removeEmpty(root: string, below: string): void {
  for (let folder = below; folder !== '.' && folder !== ''; folder = dirname(folder)) {
    try {
      rmdirSync(join(root, folder))
    } catch {
      return
    }
  }
}
