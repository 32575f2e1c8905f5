// JSON-RPC frames over an agent's stdio. Unlike the SDK's own stream it pushes back on a flood, keeps garbage out of
// the protocol instead of answering it, and drops an oversized line instead of closing.
import type { Readable, Writable } from 'node:stream'
import type { AnyMessage, Stream } from '@agentclientprotocol/sdk'

export interface FrameOptions {
  maxLineBytes: number
  /** Requests of the agent that may wait for an answer before reading stops. */
  maxUnanswered: number
  /** Resolves when the house can take another frame. */
  room(): Promise<void>
  /** Bytes arrived, frames or not. */
  onBytes(count: number): void
  /** A line that is no frame, cut to 2 KiB. */
  onNoise(line: string): void
}

/** A stream for `client().connect(...)`; ends when the agent's output ends. */
export function frameStream(stdin: Writable, stdout: Readable, options: FrameOptions): Stream {
  let unanswered = 0
  let answered = Promise.withResolvers<void>()
  const lines = readLines(stdout, options)

  const readable = new ReadableStream<AnyMessage>(
    {
      async pull(controller) {
        for (;;) {
          await options.room()
          while (unanswered >= options.maxUnanswered) await answered.promise
          const { value, done } = await lines.next()
          if (done) return controller.close()
          const frame = parseFrame(value)
          if (!frame) {
            options.onNoise(value.slice(0, 2048))
            continue
          }
          if ('method' in frame && 'id' in frame) unanswered += 1
          return controller.enqueue(frame)
        }
      },
    },
    { highWaterMark: 0 },
  )

  const writable = new WritableStream<AnyMessage>({
    async write(frame) {
      if (stdin.destroyed || stdin.writableEnded) return
      const fits = stdin.write(`${JSON.stringify(frame)}\n`)
      if (!fits) await drained(stdin)
      if (!('method' in frame)) {
        unanswered -= 1
        answered.resolve()
        answered = Promise.withResolvers<void>()
      }
    },
  })
  // An agent that closed its stdin shows by its exit, not by an unhandled error of ours.
  stdin.on('error', () => undefined)
  return { readable, writable }
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const name of ['drain', 'close', 'error']) stream.off(name, done)
      resolve()
    }
    for (const name of ['drain', 'close', 'error']) stream.once(name, done)
  })
}

function parseFrame(line: string): AnyMessage | null {
  if (!line.startsWith('{')) return null
  try {
    const value = JSON.parse(line) as { jsonrpc?: unknown; method?: unknown; id?: unknown }
    if (value.jsonrpc !== '2.0') return null
    return typeof value.method === 'string' || 'id' in value ? (value as AnyMessage) : null
  } catch {
    return null
  }
}

/** Lines without their ending, blank ones left out; a line over the cap arrives cut to its first 2 KiB. */
async function* readLines(stdout: Readable, options: FrameOptions): AsyncGenerator<string, undefined> {
  let parts: Buffer[] = []
  let size = 0
  const take = (): string => {
    const text =
      size > options.maxLineBytes ? parts[0]!.toString('utf8', 0, 2048) : Buffer.concat(parts).toString('utf8')
    parts = []
    size = 0
    return text.trim()
  }
  const keep = (part: Buffer): void => {
    if (size <= options.maxLineBytes) parts.push(part)
    size += part.length
    if (size > options.maxLineBytes) parts = parts.slice(0, 1)
  }
  try {
    for await (const chunk of stdout) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer)
      options.onBytes(bytes.length)
      let start = 0
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
        keep(bytes.subarray(start, end))
        start = end + 1
        const line = take()
        if (line) yield line
      }
      if (start < bytes.length) keep(bytes.subarray(start))
    }
  } catch {
    // A killed agent's pipe may break; what matters is its exit.
  }
  const last = take()
  if (last) yield last
  return undefined
}
