// What is mounted where, and letting go of it.
import { readFile } from 'node:fs/promises'
import { tool } from '../git.ts'

/** Whether something is mounted exactly at a path. */
export async function isMounted(path: string): Promise<boolean> {
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '')
  const escaped = path.replace(/[ \t\n\\]/g, (text) => `\\${text.charCodeAt(0).toString(8).padStart(3, '0')}`)
  return table.split('\n').some((row) => row.split(' ')[4] === escaped)
}

/** An ordinary user has no mounts but FUSE, and a program of its own to let go of them. */
const programs = (): { now: string[]; later: string[] } =>
  process.getuid?.() === 0
    ? { now: ['umount'], later: ['umount', '-l'] }
    : { now: ['fusermount3', '-u'], later: ['fusermount3', '-u', '-z'] }

/** Unmounts, now or (when something still looks inside) as soon as nobody does. */
export async function unmount(path: string): Promise<void> {
  // A crash between mounting and remembering may have left one mount below another.
  while (await isMounted(path)) {
    const { now, later } = programs()
    const [program = '', ...args] = now
    const done = await tool(program, [...args, path], { codes: [1, 16, 32] })
    if (done.code !== 0) await tool(later[0] as string, [...later.slice(1), path])
  }
}
