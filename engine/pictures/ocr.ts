// Text in pictures without any model: the recogniser in its child, started at need, ended when idle.
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Refusal } from '@seatrial/protocol'
import type { OcrAnswer, OcrLine } from './ocr-child.ts'
import { readPicture, writePng } from './read.ts'

export type { OcrLine } from './ocr-child.ts'

export interface Ocr {
  read(bytes: Uint8Array): Promise<OcrLine[]>
  close(): Promise<void>
}

/** Larger pictures are shrunk: time grows with their area. */
const longestSide = 1600
const idleMs = 60_000

export function openOcr(): Ocr {
  let child: ChildProcess | null = null
  let idle: NodeJS.Timeout | null = null
  let nextId = 1
  const waiting = new Map<number, (answer: OcrAnswer) => void>()

  function start(): ChildProcess {
    const started = fork(fileURLToPath(new URL('./ocr-child.ts', import.meta.url)), [], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: {},
      execArgv: [],
    })
    started.on('message', ({ id, answer }: { id: number; answer: OcrAnswer }) => {
      waiting.get(id)?.(answer)
      waiting.delete(id)
      if (waiting.size === 0) idle = setTimeout(() => void close(), idleMs).unref()
    })
    started.on('exit', () => {
      if (child === started) child = null
      for (const answer of waiting.values()) answer({ sentence: 'the reader stopped' })
      waiting.clear()
    })
    return started
  }

  async function close(): Promise<void> {
    if (idle) clearTimeout(idle)
    const ending = child
    child = null
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = new Promise<void>((resolve) => ending.once('exit', () => resolve()))
    ending.kill('SIGKILL')
    await gone
  }

  return {
    close,
    async read(bytes) {
      const folder = await mkdtemp(join(tmpdir(), 'seatrial-ocr-'))
      try {
        const path = join(folder, 'picture.png')
        await writeFile(path, await writePng(await readPicture(bytes, { longestSide })))
        child ??= start()
        if (idle) clearTimeout(idle)
        const id = nextId++
        const answer = await new Promise<OcrAnswer>((resolve) => {
          waiting.set(id, resolve)
          child!.send({ id, path })
        })
        if ('lines' in answer) return answer.lines
        throw new Refusal('unprocessable', `No text could be read: ${answer.sentence}.`)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}
