// One process at a time works on a thing. A lock whose owner is dead does not count.
import { open, readFile, rm } from 'node:fs/promises'

/** Takes the lock and returns how to give it back, or null when somebody alive has it. */
export async function takeLock(path: string): Promise<(() => Promise<void>) | null> {
  for (const attempt of [0, 1]) {
    const file = await open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return null
      throw error
    })
    if (file) {
      await file.write(String(process.pid))
      await file.close()
      return () => rm(path, { force: true })
    }
    const owner = Number(await readFile(path, 'utf8').catch(() => ''))
    if (attempt > 0 || (owner > 0 && alive(owner))) return null
    await rm(path, { force: true })
  }
  return null
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
