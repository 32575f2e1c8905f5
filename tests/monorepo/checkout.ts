// A clone of the real repository beside its installed dependencies, so that the original is only read.
import { readdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { execa } from 'execa'

/** Clones `from` to `to`. */
export async function cloneRepository(from: string, to: string): Promise<void> {
  await execa('git', ['clone', '-q', '--no-hardlinks', from, to])
}

/** Gives a clone the installed dependencies of the original: every node_modules folder, by hard links. */
export async function linkDependencies(from: string, to: string): Promise<void> {
  for (const folder of await dependencyFolders(from)) {
    const target = join(to, relative(from, folder))
    await execa('mkdir', ['-p', dirname(target)])
    await execa('cp', ['-al', folder, target])
  }
}

async function dependencyFolders(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== '.git')
  const found = folders.map(async ({ name }) =>
    name === 'node_modules' ? [join(dir, name)] : dependencyFolders(join(dir, name)),
  )
  return (await Promise.all(found)).flat()
}
