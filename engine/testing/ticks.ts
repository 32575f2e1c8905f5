// For tests: whether a process works.
import { readFile } from 'node:fs/promises'

/** Ticks of processor time that a process takes in so many milliseconds. */
export async function ticksIn(pid: number, ms: number): Promise<number> {
  const ticks = async () => {
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')
    return Number(fields[11]) + Number(fields[12])
  }
  const before = await ticks()
  await new Promise((resolve) => setTimeout(resolve, ms))
  return (await ticks()) - before
}
