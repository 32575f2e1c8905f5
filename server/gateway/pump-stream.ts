// Carries a streamed answer to the agent piece by piece: the endpoint's own bytes where both speak one wire, else
// translated. Frames are read only as far as the count needs it.
import type { CallReport } from './gateway.ts'
import type { Meter } from './meter.ts'
import { type AnswerEvent, emptyRequest, joined } from './neutral.ts'
import type { Plan } from './plan.ts'
import { headersBack } from './refuse.ts'
import { countFrames, createFrameReader, type Frames, lastOf, readFrames } from './sse.ts'
import type { UpstreamResponse } from './upstream.ts'

export interface PumpOptions {
  plan: Plan
  meter: Meter
  framing: 'sse' | 'array'
  model: string
  abort: AbortController
  end(ending: Pick<CallReport, 'outcome' | 'status' | 'sentence'>): Promise<void>
  /** Null while the budget lasts, else the sentence to stop with. */
  mayRunOn(): Promise<string | null> | null
}

const early = 'The endpoint ended its answer early.'

export function pumpStream(response: UpstreamResponse, options: PumpOptions): Response {
  const { plan, meter, abort, end } = options
  const source = response.body!.getReader()
  const frames = createFrameReader()
  const tap = createTap(plan, meter)
  const writer = plan.neutral ? plan.inbound.createWriter(plan.neutral, options.model) : null
  const shape = options.framing === 'array' ? createArrayFraming() : null
  const untouched = writer === null && shape === null && !plan.hidesUsage

  /** What whole frames of the endpoint become for the agent. */
  const carry = (whole: Frames): Uint8Array | null => {
    if (writer) return shaped(joined(tap.readAll(whole)).map(writer.write).join(''))
    if (!tap.saysMore(whole)) return shape ? shaped(whole.bytes.toString()) : whole.bytes
    return shape ? shaped(tap.passOn(whole).toString()) : tap.passOn(whole)
  }
  const shaped = (text: string): Uint8Array | null => {
    const out = shape ? shape.push(text) : text
    return out ? Buffer.from(out) : null
  }
  /** False when there was nothing to send. */
  const send = (controller: ReadableStreamDefaultController<Uint8Array>, bytes: Uint8Array | null): boolean => {
    if (!bytes || bytes.length === 0) return false
    controller.enqueue(bytes)
    return true
  }

  const finish = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const last = frames.rest()
    const rest = last && carry(last)
    const failure = tap.failure()
    const whole = meter.finished() || failure !== null
    const sentence = whole ? failure : early
    await end({ outcome: sentence === null ? 'ok' : 'cut', status: 200, sentence })
    if (!untouched) send(controller, rest)
    // A translated stream must not look complete; untouched, it ends as it ended.
    if (!whole && writer) return controller.error(new Error(early))
    if (whole && writer) send(controller, shaped(writer.end()))
    if (whole && shape) send(controller, Buffer.from(shape.end()))
    controller.close()
  }

  /** The budget is spent in mid-answer: say so on the agent's wire, then end. */
  const stop = async (controller: ReadableStreamDefaultController<Uint8Array>, sentence: string): Promise<void> => {
    const ended = end({ outcome: 'budget', status: 200, sentence })
    abort.abort(new Error(sentence))
    await ended
    const last = writer ?? plan.inbound.createWriter(emptyRequest, options.model)
    send(controller, shaped(last.write({ kind: 'error', sentence }) + last.end()))
    if (shape) send(controller, Buffer.from(shape.end()))
    controller.close()
  }

  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          for (;;) {
            const { done, value } = await source.read()
            if (done || !value) return await finish(controller)
            if (untouched) controller.enqueue(value)
            const whole = frames.push(value)
            const out = whole && carry(whole)
            const sent = untouched || send(controller, out)
            const refused = await options.mayRunOn()
            if (refused !== null) return await stop(controller, refused)
            // A pull that gave nothing would not be followed by another.
            if (sent) return
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

/** Pieces below this size hold few frames; those are simply read. */
const skimFromBytes = 2048

interface Tap {
  /** Reads every frame, and counts. */
  readAll(whole: Frames): AnswerEvent[]
  /** Whether the frames have to be read one by one; if not, they are counted by their size. */
  saysMore(whole: Frames): boolean
  /** Reads every frame, and leaves out those that the agent did not ask for. */
  passOn(whole: Frames): Buffer
  /** What the endpoint said went wrong, or null. */
  failure(): string | null
}

function createTap({ inbound, outbound, hidesUsage }: Plan, meter: Meter): Tap {
  const read = outbound.createReader()
  let failure: string | null = null
  const take = (events: AnswerEvent[]): void => {
    meter.add(events)
    failure ??= events.find((event) => event.kind === 'error')?.sentence ?? null
  }
  return {
    failure: () => failure,
    readAll(whole) {
      const events: AnswerEvent[] = []
      for (const { frame } of readFrames(whole)) events.push(...read(frame))
      take(events)
      return events
    },
    saysMore(whole) {
      if (whole.text.length < skimFromBytes || outbound.telling.test(whole.text)) return true
      // All frames of a piece are alike but for what they add: one of them tells how much stands around that.
      const one = readFrames(lastOf(whole)).next().value
      const adds = one ? read(one.frame).reduce((sum, event) => sum + bytesWritten(event), 0) : 0
      if (!one || adds === 0) return true
      meter.grow(Math.max(0, whole.bytes.length - countFrames(whole.text) * (one.to - adds)))
      return false
    },
    passOn(whole) {
      const kept: Buffer[] = []
      for (const { frame, from, to } of readFrames(whole)) {
        take(read(frame))
        if (!(hidesUsage && inbound.isUnasked?.(frame))) kept.push(whole.bytes.subarray(from, to))
      }
      return kept.length === 1 ? kept[0]! : Buffer.concat(kept)
    },
  }
}

/** Bytes of what an event adds, as they stand in a frame: with JSON's escapes. */
const bytesWritten = (event: AnswerEvent): number =>
  'delta' in event ? Buffer.byteLength(JSON.stringify(event.delta)) - 2 : 0

/** Turns frames into the elements of one JSON array. */
function createArrayFraming(): { push(text: string): string; end(): string } {
  const frames = createFrameReader()
  let begun = false
  return {
    push(text) {
      const whole = frames.push(Buffer.from(text))
      let out = ''
      for (const { frame } of whole ? readFrames(whole) : []) {
        out += (begun ? ',\n' : '[') + frame.data
        begun = true
      }
      return out
    },
    end: () => (begun ? ']' : '[]'),
  }
}
