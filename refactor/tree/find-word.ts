// Whole-word search over the tree: git grep where there is git, else by reading.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { readText } from './text-file.ts'

const nameChar = /[\p{ID_Continue}$]/u

/** Files of `files` whose text holds `word` as a whole word. */
export function filesWithWord(root: string, files: string[], word: string): string[] {
  const near = gitGrep(root, word)
  const found = near ? files.filter((file) => near.has(file)) : files
  return found.filter((file) => {
    const source = readText(join(root, file))
    return source !== null && wordOffsets(source.text, word).length > 0
  })
}

function gitGrep(root: string, word: string): Set<string> | null {
  const args = ['-c', 'core.fsmonitor=false', 'grep', '-lzIF', '--untracked', '-e', word]
  try {
    const out = execFileSync('git', args, { cwd: root, maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] })
    return new Set(out.toString('utf8').split('\0').filter(Boolean))
  } catch (error) {
    return (error as { status?: number }).status === 1 ? new Set() : null
  }
}

/** Offsets of `word` where no identifier character touches it. */
export function wordOffsets(text: string, word: string): number[] {
  const offsets: number[] = []
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const before = text[at - 1] ?? ' '
    const after = text[at + word.length] ?? ' '
    if (!nameChar.test(before) && !nameChar.test(after)) offsets.push(at)
  }
  return offsets
}
