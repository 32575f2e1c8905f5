// tsserver of TypeScript 5.9: slower, used when TypeScript 7's language server fails.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { Refusal } from '@seatrial/protocol'
import type { Edit } from '../tree/changes.ts'
import { lineStarts, positionAt } from '../tree/text-file.ts'
import type { Engine, Spot, StartEngine } from './engine.ts'

type Location = { line: number; offset: number }
type Span = { start: Location; end: Location }
type Answer = { type: string; request_seq?: number; success?: boolean; message?: string; body?: unknown }
type Rename = {
  info: { canRename: boolean; localizedErrorMessage?: string }
  locs: { file: string; locs: (Span & { prefixText?: string; suffixText?: string })[] }[]
}

const requestTimeoutMs = 300_000

export const startTsserver: StartEngine = async (root, textOf) => {
  const server = createRequire(import.meta.url).resolve('typescript-5/lib/tsserver.js')
  const argv = [
    '--max-old-space-size=6000',
    server,
    '--disableAutomaticTypingAcquisition',
    '--useInferredProjectPerProjectRoot',
  ]
  const child = spawn(process.execPath, argv, { cwd: root, stdio: ['pipe', 'pipe', 'ignore'] })
  const waiting = new Map<number, { resolve: (body: unknown) => void; reject: (error: Error) => void }>()
  const texts = new Map<string, string>()
  let seq = 0
  let rest = Buffer.alloc(0)

  child.stdin.on('error', () => {})
  child.once('exit', (code, signal) => {
    for (const one of waiting.values()) one.reject(new Error(`tsserver ended (${code ?? signal})`))
    waiting.clear()
  })
  child.stdout.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const head = rest.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = Number(/Content-Length: (\d+)/.exec(rest.toString('latin1', 0, head))?.[1] ?? 0)
      if (rest.length < head + 4 + length) return
      settleAnswer(JSON.parse(rest.toString('utf8', head + 4, head + 4 + length)) as Answer)
      rest = rest.subarray(head + 4 + length)
    }
  })
  const settleAnswer = (answer: Answer): void => {
    if (answer.type !== 'response' || answer.request_seq === undefined) return
    const one = waiting.get(answer.request_seq)
    waiting.delete(answer.request_seq)
    if (answer.success) one?.resolve(answer.body)
    else one?.reject(new Error(answer.message ?? 'tsserver refused'))
  }
  const send = (command: string, args: unknown): number => {
    child.stdin.write(`${JSON.stringify({ seq: ++seq, type: 'request', command, arguments: args })}\n`)
    return seq
  }
  const ask = <T>(command: string, args: unknown): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (child.exitCode !== null || child.signalCode !== null) return reject(new Error('tsserver is not running'))
      const id = send(command, args)
      const timer = setTimeout(
        () => waiting.get(id)?.reject(new Error(`tsserver gave no answer to ${command}`)),
        requestTimeoutMs,
      )
      const done =
        <A extends unknown[]>(settle: (...given: A) => void) =>
        (...given: A) => {
          clearTimeout(timer)
          settle(...given)
        }
      waiting.set(id, { resolve: done(resolve as (body: unknown) => void), reject: done(reject) })
    })

  const textFor = (file: string): string => texts.get(file) ?? textOf(file) ?? ''
  const toOffset = (starts: number[], at: Location): number => (starts[at.line - 1] ?? 0) + at.offset - 1
  const toLocation = (file: string, offset: number) => {
    const { line, column } = positionAt(lineStarts(textFor(file)), offset)
    return { file, line, offset: column }
  }

  await ask('configure', {
    hostInfo: 'seatrial',
    preferences: { providePrefixAndSuffixTextForRename: true, allowRenameOfImportPath: false },
  })

  const engine: Engine = {
    name: 'tsserver 5.9',
    open: async (file, text) => {
      texts.set(file, text)
      send('open', { file, fileContent: text, projectRootPath: root })
    },
    change: async (file, text) => {
      texts.set(file, text)
      send('updateOpen', { closedFiles: [file] })
      send('open', { file, fileContent: text, projectRootPath: root })
    },
    references: async (file, offset) => {
      const body = await ask<{ refs: (Span & { file: string })[] }>('references', toLocation(file, offset))
      return body.refs.map((ref): Spot => {
        const starts = lineStarts(textFor(ref.file))
        return { file: ref.file, start: toOffset(starts, ref.start), end: toOffset(starts, ref.end) }
      })
    },
    rename: async (file, offset, newName) => {
      const where = { ...toLocation(file, offset), findInComments: false, findInStrings: false }
      const body = await ask<Rename>('rename', where)
      if (!body.info.canRename)
        throw new Refusal('unprocessable', body.info.localizedErrorMessage ?? 'This cannot be renamed.')
      return new Map(
        body.locs.map((group) => {
          const starts = lineStarts(textFor(group.file))
          const edits = group.locs.map(
            (loc): Edit => ({
              start: toOffset(starts, loc.start),
              end: toOffset(starts, loc.end),
              text: (loc.prefixText ?? '') + newName + (loc.suffixText ?? ''),
            }),
          )
          return [group.file, edits]
        }),
      )
    },
    willMove: async (from, to) => {
      type Edited = { fileName: string; textChanges: (Span & { newText: string })[] }[]
      const body = await ask<Edited>('getEditsForFileRename', { oldFilePath: from, newFilePath: to })
      return new Map(
        body.map((one) => {
          const starts = lineStarts(textFor(one.fileName))
          const edits = one.textChanges.map(
            (change): Edit => ({
              start: toOffset(starts, change.start),
              end: toOffset(starts, change.end),
              text: change.newText,
            }),
          )
          return [one.fileName, edits]
        }),
      )
    },
    diagnostics: async (file) => {
      type Found = { start: Location; text: string; code?: number; category: string }[]
      const [syntax, meaning] = [
        await ask<Found>('syntacticDiagnosticsSync', { file }),
        await ask<Found>('semanticDiagnosticsSync', { file }),
      ]
      return [...syntax, ...meaning]
        .filter((one) => one.category === 'error')
        .map((one) => ({ line: one.start.line, column: one.start.offset, code: one.code ?? 0, message: one.text }))
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      child.kill('SIGKILL')
      await ended
    },
  }
  return engine
}
