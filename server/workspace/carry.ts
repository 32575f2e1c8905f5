// Ignored files a project declares (`.env` and the like): copied from the checkout into the layer, never into a snapshot.
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, glob, lstat, mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Refusal } from '@seatrial/protocol'

const largestBytes = 64 * 1024 * 1024

export interface Carried {
  path: string
  sha256: string
}

/** The files that the globs name in a checkout: regular files inside it, dependencies and git folders not searched. */
export async function findCarried(checkout: string, globs: string[]): Promise<Carried[]> {
  const found = new Map<string, Carried>()
  for (const pattern of globs) {
    if (pattern.startsWith('/') || pattern.split('/').includes('..')) {
      throw new Refusal(
        'unprocessable',
        `carry = "${pattern}" leads outside the project; use a path relative to its root.`,
      )
    }
    const skip = (name: string) => /(^|\/)(node_modules|\.git)$/.test(name)
    for await (const path of glob(pattern, { cwd: checkout, exclude: skip })) {
      const stat = await lstat(join(checkout, path))
      if (!stat.isFile()) continue
      if (stat.size > largestBytes) throw new Refusal('too_large', `${path} is too large to be carried (64 MB).`)
      const sha256 = createHash('sha256')
        .update(await readFile(join(checkout, path)))
        .digest('hex')
      found.set(path, { path, sha256 })
    }
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Copies them into a tree that nobody else writes to yet. */
export async function copyCarried(checkout: string, tree: string, files: Carried[]): Promise<void> {
  for (const { path } of files) {
    await mkdir(dirname(join(tree, path)), { recursive: true })
    await copyFile(join(checkout, path), join(tree, path), constants.COPYFILE_FICLONE)
  }
}
