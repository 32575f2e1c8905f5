// Which files of a tree hold any of some words: one git process instead of one read per file.
import { git, records } from '../workspace/git.ts'

/** Paths in a tree of a store; binary files are left out. */
export async function findText(gitDir: string, tree: string, words: readonly string[]): Promise<string[]> {
  const patterns = words.flatMap((word) => ['-e', word])
  const found = await git(['grep', '-l', '-z', '-I', '-F', '--full-name', ...patterns, tree], { gitDir, codes: [1] })
  // Each answer is `tree:path`.
  return records(found.out).map((name) => name.slice(tree.length + 1))
}
