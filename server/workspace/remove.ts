// Removing what a trial may have filled: out of the way at once, then deleted without following a link.
import { existsSync } from 'node:fs'
import { GitFailure, tool } from './git.ts'

/** Deletes a folder tree; folders that were made unreadable are opened first. */
export async function removeTree(dir: string): Promise<void> {
  if (!existsSync(dir)) return
  try {
    await tool('rm', ['-rf', '--', dir])
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    await tool('chmod', ['-R', 'u+rwX', '--', dir], { codes: [1] })
    await tool('rm', ['-rf', '--', dir])
  }
}

/** Bytes on disk below a folder. */
export async function sizeOf(dir: string): Promise<number> {
  const answer = await tool('du', ['-sk', '--', dir], { codes: [1] })
  return Number.parseInt(answer.out.toString('utf8'), 10) * 1024 || 0
}
