// Carries a streamed answer to the agent piece by piece: untouched where both speak one wire, else translated.
import type { CallReport } from './gateway.ts'
import type { Meter } from './meter.ts'
import { type AnswerEvent, emptyRequest } from './neutral.ts'
import type { Plan } from './plan.ts'
import { headersBack } from './refuse.ts'
import { createFrameReader } from './sse.ts'
import type { UpstreamResponse } from './upstream.ts'
import type { StreamWriter } from './wires/wire.ts'

export interface PumpOptions {
  plan: Plan
  meter: Meter
  framing: 'sse' | 'array'
  model: string
  abort: AbortController
  end(ending: Pick<CallReport, 'outcome' | 'status' | 'sentence'>): Promise<void>
  /** Null while the budget lasts, else the sentence to stop with. */
  mayRunOn(): Promise<string | null>
}

export function pumpStream(response: UpstreamResponse, options: PumpOptions): Response {
  const { plan, meter, abort, end } = options
  const source = response.body!.getReader()
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  const frames = createFrameReader()
  const read = plan.outbound.createReader()
  const writer = plan.neutral ? plan.inbound.createWriter(plan.neutral, options.model) : null
  const shape = options.framing === 'array' ? createArrayFraming() : null
  const untouched = writer === null && shape === null && !plan.hidesUsage

  let failure: string | null = null
  /** What a piece of the endpoint's stream becomes for the agent. */
  const carry = (found: ReturnType<typeof frames.push>): string => {
    let out = ''
    for (const { frame, raw } of found) {
      const events = read(frame)
      meter.add(events)
      failure ??= events.find((event) => event.kind === 'error')?.sentence ?? null
      if (writer) out += write(writer, events)
      else if (!(plan.hidesUsage && plan.inbound.isUnasked?.(frame))) out += raw
    }
    return out
  }
  const send = (controller: ReadableStreamDefaultController<Uint8Array>, text: string): void => {
    const shaped = shape ? shape.push(text) : text
    if (shaped) controller.enqueue(encoder.encode(shaped))
  }

  const finish = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const rest = carry(frames.push(decoder.decode()).concat(frames.rest()))
    if (!meter.finished() && failure === null) {
      await end({ outcome: 'cut', status: 200, sentence: 'The endpoint ended its answer early.' })
      if (!untouched) send(controller, rest)
      // A translated stream must not look complete; untouched, it ends as it ended.
      if (writer) controller.error(new Error('The endpoint ended its answer early.'))
      else controller.close()
      return
    }
    await end({ outcome: failure === null ? 'ok' : 'cut', status: 200, sentence: failure })
    if (!untouched) send(controller, rest + (writer?.end() ?? ''))
    if (shape) controller.enqueue(encoder.encode(shape.end()))
    controller.close()
  }

  /** The budget is spent in mid-answer: say so on the agent's wire, then end. */
  const stop = async (controller: ReadableStreamDefaultController<Uint8Array>, sentence: string): Promise<void> => {
    const ended = end({ outcome: 'budget', status: 200, sentence })
    abort.abort(new Error(sentence))
    await ended
    const last = writer ?? plan.inbound.createWriter(emptyRequest, options.model)
    send(controller, last.write({ kind: 'error', sentence }) + last.end())
    if (shape) controller.enqueue(encoder.encode(shape.end()))
    controller.close()
  }

  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          for (;;) {
            const { done, value } = await source.read()
            if (done || !value) return await finish(controller)
            const out = carry(frames.push(decoder.decode(value, { stream: true })))
            if (untouched) controller.enqueue(value)
            else if (out) send(controller, out)
            const refused = await options.mayRunOn()
            if (refused !== null) return await stop(controller, refused)
            if (untouched || out) return
          }
        } catch (error) {
          const sentence = abort.signal.aborted
            ? (abort.signal.reason as Error).message
            : 'The endpoint dropped its answer.'
          await end({ outcome: 'cut', status: 200, sentence })
          abort.abort(error)
          controller.error(new Error(sentence))
        }
      },
      async cancel() {
        abort.abort(new Error('The agent went away.'))
        await end({ outcome: 'cut', status: 200, sentence: 'The agent went away.' })
      },
    },
    { highWaterMark: 0 },
  )
  const type = shape ? 'application/json' : 'text/event-stream'
  const headers = { 'content-type': type, 'cache-control': 'no-cache', 'x-accel-buffering': 'no' }
  return new Response(body, { headers: { ...headersBack(response.headers), ...headers } })
}

const write = (writer: StreamWriter, events: AnswerEvent[]): string =>
  events.map((event) => writer.write(event)).join('')

/** Turns frames into the elements of one JSON array. */
function createArrayFraming(): { push(text: string): string; end(): string } {
  const frames = createFrameReader()
  let begun = false
  return {
    push(text) {
      let out = ''
      for (const { frame } of frames.push(text)) {
        out += (begun ? ',\n' : '[') + frame.data
        begun = true
      }
      return out
    },
    end: () => (begun ? ']' : '[]'),
  }
}
