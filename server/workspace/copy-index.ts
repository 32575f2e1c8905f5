// Copies a git index with its time: git compares files against it to know which entries it must not trust.
import { copyFile, stat, utimes } from 'node:fs/promises'

/** Nothing happens when there is no index yet. The time is rounded down, which only makes git look closer. */
export async function copyIndex(from: string, to: string): Promise<void> {
  const found = await stat(from).catch(() => null)
  if (!found) return
  await copyFile(from, to)
  const seconds = Math.floor(found.mtimeMs) / 1000
  await utimes(to, seconds, seconds)
}
