// Small files that must never be met half-written.
import { randomBytes } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'

/** Replaces a file: who reads it meanwhile, after a kill or on a full disk finds all of the old text or all of the new. */
export async function writeWhole(path: string, text: string | Buffer, mode = 0o644): Promise<void> {
  const fresh = `${path}.new-${randomBytes(4).toString('hex')}`
  try {
    await writeFile(fresh, text, { mode })
    await rename(fresh, path)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
}
