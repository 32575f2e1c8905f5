// One long-lived `git cat-file --batch` that answers what a folder of a tree holds.
import { spawn } from 'node:child_process'
import { houseEnv } from './git.ts'

export interface TreeEntry {
  mode: string
  sha: string
}

export interface TreeReader {
  /** Entries of a tree by name (bytes as characters); empty when there is no such tree. */
  entries(tree: string): Promise<Map<string, TreeEntry>>
  /** Raw bytes of any object named by an expression; null when missing. */
  object(expression: string): Promise<Buffer | null>
  close(): void
}

/** Starts a reader on a store; close it to end the process. */
export function openTreeReader(gitDir: string): TreeReader {
  const child = spawn('git', ['cat-file', '--batch'], {
    env: { ...houseEnv, GIT_DIR: gitDir },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let buffer: Buffer = Buffer.alloc(0)
  let wake: () => void = () => {}
  let ended = false
  child.stdin.on('error', () => {})
  child.stdout.on('data', (chunk: Buffer) => {
    buffer = buffer.length > 0 ? Buffer.concat([buffer, chunk]) : chunk
    wake()
  })
  child.on('error', () => {
    ended = true
    wake()
  })
  child.stdout.on('end', () => {
    ended = true
    wake()
  })

  const take = async (length: number): Promise<Buffer> => {
    while (buffer.length < length) {
      if (ended) throw new Error('git cat-file ended early')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    const taken = buffer.subarray(0, length)
    buffer = buffer.subarray(length)
    return taken
  }
  const takeLine = async (): Promise<string> => {
    for (;;) {
      const end = buffer.indexOf(10)
      if (end >= 0) return (await take(end + 1)).toString('latin1').trimEnd()
      if (ended) throw new Error('git cat-file ended early')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  let last: Promise<unknown> = Promise.resolve()
  const object = (expression: string): Promise<Buffer | null> => {
    const answer = last.then(async () => {
      child.stdin.write(`${expression}\n`, 'latin1')
      const [, , size] = (await takeLine()).split(' ')
      if (size === undefined || !/^\d+$/.test(size)) return null
      const content = Buffer.from(await take(Number(size)))
      await take(1)
      return content
    })
    last = answer.catch(() => {})
    return answer
  }
  return {
    object,
    entries: async (tree) => parseTree((await object(tree)) ?? Buffer.alloc(0), tree.length / 2),
    close: () => child.stdin.end(),
  }
}

/** Reads a raw tree object; `hashBytes` is 20 or 32. */
export function parseTree(raw: Buffer, hashBytes: number): Map<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>()
  for (let at = 0; at < raw.length; ) {
    const space = raw.indexOf(32, at)
    const zero = raw.indexOf(0, space)
    const sha = raw.toString('hex', zero + 1, zero + 1 + hashBytes)
    entries.set(raw.toString('latin1', space + 1, zero), { mode: raw.toString('latin1', at, space), sha })
    at = zero + 1 + hashBytes
  }
  return entries
}
