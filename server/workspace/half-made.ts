// What a crash or a failure left before anything remembered it.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { removeTree } from './remove.ts'
import { unmount } from './rungs/mounts.ts'
import { removeSubvolume } from './rungs/snapshot.ts'

/** Removes a folder with the view in it, whichever rung that stood on. */
export async function clearHalfMade(dir: string): Promise<void> {
  if (!existsSync(dir)) return
  await unmount(join(dir, 'tree'))
  await removeSubvolume(join(dir, 'tree'))
  await removeTree(dir)
}
