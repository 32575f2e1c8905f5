// The process in which signals are measured: no environment, no files of its own, everything read by asking.
import { gatherFacts } from './facts.ts'
import { measureKind } from './measure-here.ts'
import type { FromMeasure, Reader, ToMeasure } from './measure-signals.ts'

const waiting = new Map<number, (value: string | null | string[]) => void>()
let asked = 0

const say = (message: FromMeasure): void => void process.send?.(message)

function ask<T>(reader: Reader, argument: string): Promise<T> {
  const id = ++asked
  return new Promise((resolve) => {
    waiting.set(id, resolve as (value: string | null | string[]) => void)
    say({ type: 'read', id, reader, argument })
  })
}

process.on('message', async (message: ToMeasure) => {
  if (message.type === 'answer') {
    waiting.get(message.id)?.(message.value)
    waiting.delete(message.id)
    return
  }
  const facts = gatherFacts({
    ...message.values,
    readBase: (path) => ask('readBase', path),
    readHead: (path) => ask('readHead', path),
    listFiles: (side) => ask('listFiles', side),
    ...(message.optional.includes('findText')
      ? { findText: (side: string, words: string[]) => ask<string[]>('findText', JSON.stringify([side, ...words])) }
      : {}),
    ...(message.optional.includes('readWorkspace')
      ? { readWorkspace: (path: string) => ask<string | null>('readWorkspace', path) }
      : {}),
    ...(message.optional.includes('readAdvisories')
      ? { readAdvisories: (asked: string) => ask<string | null>('readAdvisories', asked) }
      : {}),
  })
  for (const kind of message.kinds) {
    say({ type: 'begin', kind })
    say({ type: 'signal', signal: await measureKind(kind, facts) })
  }
})
