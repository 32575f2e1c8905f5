// Whose checkout it is: when the house runs as root, everything done in a person's repository is done as that person.
import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import type { Identity } from './git.ts'

export interface Owner {
  /** Null when the house already is that person. */
  as: Identity | null
  home: string
}

/** The owner of a folder, as far as the house has to become someone else. */
export async function ownerOf(dir: string): Promise<Owner> {
  const { uid, gid } = await stat(dir)
  if (process.getuid?.() !== 0 || uid === 0) return { as: null, home: homedir() }
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '')
  const row = passwd.split('\n').find((text) => text.split(':')[2] === String(uid))
  return { as: { uid, gid }, home: row?.split(':')[5] || '/nonexistent' }
}
