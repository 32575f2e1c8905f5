// Measures signals in a process of their own: parsers are native code, and a hostile source can crash or hang them.
import { type ChildProcess, fork } from 'node:child_process'
import type { Signal, SignalKind } from '@seatrial/protocol'
import { lostSignal, measuredKinds } from './measuring-tools.ts'
import type { SignalInput } from './signal-input.ts'

/** Readers stay on this side; the other process asks for what it needs. */
type Readers = Pick<
  SignalInput,
  'readBase' | 'readHead' | 'listFiles' | 'findText' | 'readWorkspace' | 'readAdvisories'
>
export type Values = Omit<SignalInput, keyof Readers>
export type Reader = keyof Readers
export type ToMeasure =
  | { type: 'measure'; values: Values; kinds: SignalKind[]; optional: Reader[] }
  | { type: 'answer'; id: number; value: string | null | string[] }
export type FromMeasure =
  | { type: 'begin'; kind: SignalKind }
  | { type: 'read'; id: number; reader: Reader; argument: string }
  | { type: 'signal'; signal: Signal }

export interface MeasureOptions {
  /** For one kind; past it the kind is an error and the others go on. */
  kindTimeoutMs?: number
  memoryMb?: number
  signal?: AbortSignal
}

/** A busy machine may take its time to start a process. */
const startTimeoutMs = 30_000

/** One signal per kind, ids being the kinds. A kind whose measurement crashes or hangs is `error`; none is left out. */
export async function measureSignals(input: SignalInput, options: MeasureOptions = {}): Promise<Signal[]> {
  const done = new Map<SignalKind, Signal>()
  while (done.size < measuredKinds.length) {
    options.signal?.throwIfAborted()
    const kinds = measuredKinds.filter((kind) => !done.has(kind))
    const lost = await measureSome(input, kinds, options, (signal) => done.set(signal.kind, signal))
    if (lost) done.set(lost.kind, lostSignal(lost.kind, input.tree, lost.sentence))
  }
  return measuredKinds.flatMap((kind) => done.get(kind) ?? [])
}

/** Runs one process over `kinds`; resolves with the kind it died on, or null when it measured them all. */
async function measureSome(
  input: SignalInput,
  kinds: SignalKind[],
  { kindTimeoutMs = 60_000, memoryMb = 1024, signal }: MeasureOptions,
  keep: (signal: Signal) => void,
): Promise<{ kind: SignalKind; sentence: string } | null> {
  const { readBase, readHead, listFiles, findText, readWorkspace, readAdvisories, ...values } = input
  const optional = {
    ...(findText ? { findText } : {}),
    ...(readWorkspace ? { readWorkspace } : {}),
    ...(readAdvisories ? { readAdvisories } : {}),
  }
  const readers: Readers = { readBase, readHead, listFiles, ...optional }
  const child = fork(new URL('./measure-process.ts', import.meta.url), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [`--max-old-space-size=${memoryMb}`],
    env: {},
  })
  const left = new Set(kinds)
  let current = kinds[0] as SignalKind
  let hung = false
  const hang = (): void => {
    hung = true
    child.kill('SIGKILL')
  }
  let timer = setTimeout(hang, kindTimeoutMs + startTimeoutMs)
  const stop = (): void => void child.kill('SIGKILL')
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', () => {
        if (left.size === 0) resolve(null)
        else
          resolve({
            kind: current,
            sentence: hung ? 'The measurement never ended' : 'The measurement crashed on this tree',
          })
      })
      child.on('message', (message: FromMeasure) => {
        if (message.type === 'begin') {
          current = message.kind
          clearTimeout(timer)
          timer = setTimeout(hang, kindTimeoutMs)
        } else if (message.type === 'signal') {
          left.delete(message.signal.kind)
          keep(message.signal)
          if (left.size === 0) child.disconnect()
        } else {
          answer(child, readers, message).catch((error: Error) => {
            reject(error)
            child.kill('SIGKILL')
          })
        }
      })
      send(child, { type: 'measure', values, kinds, optional: Object.keys(optional) as Reader[] })
    })
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

type Side = 'base' | 'head'
const answers: Record<Reader, (readers: Readers, argument: string) => Promise<string | null | string[]>> = {
  readBase: (readers, path) => readers.readBase(path),
  readHead: (readers, path) => readers.readHead(path),
  listFiles: (readers, side) => readers.listFiles(side as Side),
  findText: async (readers, argument) => {
    const [side = '', ...words] = JSON.parse(argument) as string[]
    return (await readers.findText?.(side as Side, words)) ?? []
  },
  readWorkspace: async (readers, path) => (await readers.readWorkspace?.(path)) ?? null,
  readAdvisories: async (readers, asked) => (await readers.readAdvisories?.(asked)) ?? null,
}

async function answer(child: ChildProcess, readers: Readers, message: FromMeasure & { type: 'read' }): Promise<void> {
  const { id, reader, argument } = message
  const value = await answers[reader](readers, argument)
  if (child.connected) send(child, { type: 'answer', id, value })
}

const send = (child: ChildProcess, message: ToMeasure): void => void child.send(message, () => {})
