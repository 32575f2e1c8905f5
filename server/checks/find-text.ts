// Which files of a tree hold any of some words: one git process instead of one read per file.

/** Runs git on the store that holds the tree; exit code 1 ("nothing found") is an answer. */
export type RunGit = (args: string[]) => Promise<{ out: Buffer }>

/** Paths in a tree; binary files are left out. */
export async function findText(runGit: RunGit, tree: string, words: readonly string[]): Promise<string[]> {
  const patterns = words.flatMap((word) => ['-e', word])
  const { out } = await runGit(['grep', '-l', '-z', '-I', '-F', '--full-name', ...patterns, tree])
  const names = out.toString('utf8').split('\0').slice(0, -1)
  // Each answer is `tree:path`.
  return names.map((name) => name.slice(tree.length + 1))
}
