// The house's side of a native child: started at the first request, watched, restarted with backoff after a crash.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Refusal, type RefusalCode } from '@seatrial/protocol'
import type { FailureKind, Finish, FromChild, GenerateJob, Loaded, LoadJob, ToChild, Vectors } from './messages.ts'

export interface Native {
  loaded(): Promise<Loaded>
  generate(job: GenerateJob, signal: AbortSignal): AsyncGenerator<string, Finish>
  embed(texts: string[]): Promise<Vectors>
  pid(): number | null
  close(): Promise<void>
}

const refusalOf: Record<FailureKind, RefusalCode> = {
  overflow: 'too_large',
  memory: 'unavailable',
  unfit: 'unprocessable',
  picture: 'unprocessable',
  adapter: 'unprocessable',
  schema: 'unprocessable',
  broken: 'unavailable',
}
const firstBackoffMs = 500
const mostBackoffMs = 30_000

interface Waiter {
  piece: (text: string) => void
  done: (result: never) => void
  failed: (error: Error) => void
}

/** `idleMs` without a request ends the child and gives its memory back. */
export function nativeChild(options: {
  program: 'text' | 'pictures'
  load: LoadJob
  idleMs: number
  env: Record<string, string>
}): Native {
  let child: ChildProcess | null = null
  let loading: Promise<Loaded> | null = null
  let crashes = 0
  let restartAfter = 0
  let nextId = 1
  let idle: NodeJS.Timeout | null = null
  const waiters = new Map<number, Waiter>()

  function start(): ChildProcess {
    const wait = restartAfter - Date.now()
    if (wait > 0) {
      throw new Refusal(
        'unavailable',
        `The engine crashed and restarts in ${Math.ceil(wait / 1000)} s; try again then.`,
      )
    }
    const started = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), [options.program], {
      // The libraries print prompts; nobody may read them.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
      env: options.env,
      execArgv: [],
    })
    started.on('message', (message: FromChild) => {
      const waiter = waiters.get(message.id)
      if (!waiter) return
      if (message.say === 'piece') return waiter.piece(message.text)
      waiters.delete(message.id)
      if (message.say === 'done') waiter.done(message.result as never)
      else waiter.failed(new Refusal(refusalOf[message.kind], message.sentence))
      rest()
    })
    started.on('error', () => undefined)
    started.on('exit', (code, signal) => {
      if (child !== started) return
      child = null
      loading = null
      crashes++
      restartAfter = Date.now() + Math.min(firstBackoffMs * 2 ** (crashes - 1), mostBackoffMs)
      const how = signal ?? `code ${code}`
      for (const waiter of waiters.values()) {
        waiter.failed(
          new Refusal('unavailable', `The engine stopped unexpectedly (${how}); it restarts at the next request.`),
        )
      }
      waiters.clear()
    })
    return started
  }

  function rest(): void {
    if (idle) clearTimeout(idle)
    if (waiters.size > 0) return
    idle = setTimeout(() => void end(), options.idleMs).unref()
  }

  async function end(): Promise<void> {
    if (idle) clearTimeout(idle)
    const ending = child
    child = null
    loading = null
    for (const waiter of waiters.values()) waiter.failed(new Refusal('unavailable', 'The engine was stopped.'))
    waiters.clear()
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = new Promise<void>((resolve) => ending.once('exit', () => resolve()))
    ending.kill('SIGKILL')
    await gone
  }

  function ask<T>(
    message: (id: number) => ToChild,
    piece: (text: string) => void = () => undefined,
  ): { id: number; result: Promise<T> } {
    child ??= start()
    const to = child
    const id = nextId++
    if (idle) clearTimeout(idle)
    const result = new Promise<T>((done, failed) => {
      waiters.set(id, { piece, done, failed })
      to.send(message(id), (error) => {
        if (error && waiters.delete(id)) failed(new Refusal('unavailable', 'The engine has just stopped; try again.'))
      })
    })
    return { id, result }
  }

  async function load(): Promise<Loaded> {
    try {
      const result = await ask<Loaded>((id) => ({ id, ask: 'load', job: options.load })).result
      crashes = 0
      return result
    } catch (error) {
      if (child) await end()
      throw error
    }
  }

  const loaded = (): Promise<Loaded> => {
    if (loading) return loading
    const attempt = load()
    loading = attempt
    attempt.catch(() => {
      if (loading === attempt) loading = null
    })
    return attempt
  }

  return {
    loaded,
    pid: () => child?.pid ?? null,
    close: end,
    async embed(texts) {
      await loaded()
      return ask<Vectors>((id) => ({ id, ask: 'embed', texts })).result
    },
    async *generate(job, signal) {
      await loaded()
      signal.throwIfAborted()
      const pieces: string[] = []
      let wake = () => {}
      const { id, result } = ask<Finish>(
        (id) => ({ id, ask: 'generate', job }),
        (text) => {
          pieces.push(text)
          wake()
        },
      )
      let finish: Finish | null = null
      let failure: unknown = null
      const settled = result.then(
        (value) => {
          finish = value
          wake()
        },
        (error) => {
          failure = error
          wake()
        },
      )
      const stop = () => child?.send({ id, ask: 'stop' } satisfies ToChild)
      signal.addEventListener('abort', stop, { once: true })
      try {
        while (true) {
          while (pieces.length > 0) yield pieces.splice(0).join('')
          if (failure) throw failure
          if (finish) return finish
          await new Promise<void>((resolve) => {
            wake = resolve
            if (pieces.length > 0 || finish || failure) resolve()
          })
        }
      } finally {
        signal.removeEventListener('abort', stop)
        if (!finish && !failure) {
          stop()
          await settled
        }
      }
    },
  }
}
