// Writes config files into a trial's HOME, which earlier turns of a hostile agent may have filled with symlinks.
import { constants } from 'node:fs'
import { lchown, lstat, mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface Owner {
  uid: number
  gid: number
}

/** Replaces `home/path`; anything on the way that is no plain folder is removed, never followed. */
export async function writeInHome(home: string, path: string, text: string, owner: Owner | null): Promise<void> {
  const parts = dirname(path)
    .split('/')
    .filter((part) => part && part !== '.')
  let dir = home
  for (const part of parts) {
    dir = join(dir, part)
    const found = await lstat(dir).catch(() => null)
    if (found?.isDirectory()) continue
    if (found) await rm(dir)
    await mkdir(dir)
    if (owner) await lchown(dir, owner.uid, owner.gid)
  }
  const file = join(home, path)
  await rm(file, { recursive: true, force: true })
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const handle = await open(file, flags, text.startsWith('#!') ? 0o755 : 0o644)
  try {
    await handle.writeFile(text)
    if (owner) await handle.chown(owner.uid, owner.gid)
  } finally {
    await handle.close()
  }
}
