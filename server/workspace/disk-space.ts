// Programs name a full disk in many ways or not at all: when work fails and the disk is full, that is the reason given.
import { statfs } from 'node:fs/promises'
import { Refusal } from '@seatrial/protocol'

/** Less than this is what a full disk looks like. */
const fullBytes = 1024 * 1024

export const freeBytes = async (dir: string): Promise<number> => {
  const { bavail, bsize } = await statfs(dir)
  return bavail * bsize
}

/** Whether an error, or what caused it, names a full disk. */
export const namesFullDisk = (error: unknown): boolean =>
  error instanceof Error &&
  (/ENOSPC|EDQUOT|No space left|Out of diskspace|Disk quota exceeded/i.test(error.message) ||
    namesFullDisk(error.cause))

const noSpace = (dir: string): Refusal =>
  new Refusal('no_space', `No space left on the disk that holds ${dir}; free some or run \`seatrial gc\`.`)

/** Refuses before anything is written: a program that fills the disk half-way leaves its pieces behind. */
export async function requireSpace(dir: string, bytes: number): Promise<void> {
  if ((await freeBytes(dir)) < bytes + fullBytes) throw noSpace(dir)
}

/** Runs work that writes below a folder; failing on a full disk is a refusal. */
export async function needingSpace<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refusal) throw error
    if (namesFullDisk(error) || (await freeBytes(dir)) < fullBytes) throw noSpace(dir)
    throw error
  }
}
