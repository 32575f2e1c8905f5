// Keeps the file tools inside the working directory, symlinks included.
import { realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

/** Absolute path of a file named by the model. Throws when it leads outside, or into git's own folder for writing. */
export async function placeInside(cwd: string, path: string, use: 'read' | 'write'): Promise<string> {
  const root = await realpath(cwd)
  const wanted = isAbsolute(path) ? within(cwd, path, root) : resolve(root, path)
  const real = await realOf(wanted)
  const inside = relative(root, real)
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new Error(`${path} is outside the working directory ${cwd}; only files inside can be used.`)
  }
  if (use === 'write' && inside.split(sep)[0] === '.git') throw new Error('Files of .git are not written by hand.')
  return real
}

/** An absolute path given under the working directory's unresolved name. */
function within(cwd: string, path: string, root: string): string {
  const inside = relative(cwd, path)
  return inside.startsWith('..') || isAbsolute(inside) ? path : join(root, inside)
}

/** Resolves symlinks of the part that exists. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const parent = dirname(path)
    return parent === path ? path : join(await realOf(parent), relative(parent, path))
  }
}
