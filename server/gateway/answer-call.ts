// One model call from end to end: confine, plan, reserve, send, answer, settle.
import { picturesOf, weigh } from './estimate.ts'
import type { CallReport, Ledger, ModelEndpoint } from './gateway.ts'
import { createMeter, type Meter, type Metered } from './meter.ts'
import { type AnswerEvent, emptyRequest, type Json, noTokens, type TokenCount } from './neutral.ts'
import { type Plan, planCall } from './plan.ts'
import type { Prices } from './prices.ts'
import { pumpStream } from './pump-stream.ts'
import { headersBack, passError, refuse } from './refuse.ts'
import { type Reserved, type Reserver, reserve, reservePlan } from './reserve.ts'
import type { Route } from './route.ts'
import type { Account } from './spenders.ts'
import { readFrames } from './sse.ts'
import { addressOf, headersFor, type UpstreamFetch, type UpstreamResponse } from './upstream.ts'

export interface House {
  ledger: Ledger
  prices: Prices
  onUsage(report: CallReport): void
  now: () => Date
  upstreamFetch: UpstreamFetch
}

export interface CallInput {
  account: Account
  route: Route
  request: Request
  /** As the agent sent it. */
  body: Json
  callId: string
}

type Ending = Pick<CallReport, 'outcome' | 'status' | 'sentence'>

export async function answerCall(
  house: House,
  { account, route, request, body, callId }: CallInput,
): Promise<Response> {
  const { spender } = account
  const endpoint = spender.model
  const startedAt = house.now()
  const confined = route.wire.confine(body)
  const plan = planCall(route, confined, endpoint, picturesOf(confined).length > 0)
  let text = JSON.stringify(plan.send.body)
  const weight = weigh(plan.send.body, text)

  const abort = new AbortController()
  const leave = (): void => abort.abort(new Error('The agent went away.'))
  account.inFlight.add(abort)
  request.signal.addEventListener('abort', leave, { once: true })

  const meter = createMeter()
  const reserver: Reserver = { ledger: house.ledger, prices: house.prices, account, callId, at: startedAt }
  let reserved: Reserved | null = null
  let sentAt: number | null = null
  let ended = false

  /** Ends the call once: settles what was metered and reports it. */
  const end = async (ending: Ending): Promise<void> => {
    if (ended) return
    ended = true
    account.inFlight.delete(abort)
    request.signal.removeEventListener('abort', leave)
    const metered =
      reserved === null || sentAt === null || ending.outcome === 'failed'
        ? { count: noTokens, estimated: false }
        : meter.result(reserved, house.now().getTime() - sentAt)
    const usage = usageOf(metered.count, sentAt === null ? 0 : 1, house.prices, endpoint, startedAt)
    learn(account, metered, weight.bytes)
    let settled = true
    if (reserved !== null) {
      settled = await house.ledger.settle(spender, callId, usage, endpoint.model).then(
        () => true,
        () => false,
      )
    }
    const durationMs = house.now().getTime() - startedAt.getTime()
    house.onUsage({ spender, callId, usage, estimated: metered.estimated, ...ending, startedAt, durationMs, settled })
  }

  // A revoke ends the call at once, whether or not somebody is reading.
  abort.signal.addEventListener('abort', () => {
    void end({ outcome: 'cut', status: 200, sentence: (abort.signal.reason as Error).message })
  })

  const fits = await reservePlan(reserver, plan, weight).catch(async (error) => {
    await end({ outcome: 'failed', status: 500, sentence: 'The ledger failed.' })
    throw error
  })
  if (typeof fits === 'string') {
    await end({ outcome: 'budget', status: 402, sentence: fits })
    return refuse(plan.inbound, { status: 402, kind: 'budget', sentence: fits })
  }
  reserved = fits
  // Ended while the ledger was asked: what it has reserved since is given back.
  if (ended)
    await house.ledger.settle(spender, callId, usageOf(noTokens, 0, house.prices, endpoint, startedAt), endpoint.model)

  if (account.ended) abort.abort(new Error('Spending of this trial has ended.'))

  let response: UpstreamResponse | undefined
  try {
    abort.signal.throwIfAborted()
    if (fits.limited) text = JSON.stringify(plan.send.body)
    sentAt = house.now().getTime()
    response = await house.upstreamFetch(addressOf(endpoint, plan.send), {
      method: 'POST',
      headers: headersFor(endpoint, request.headers, plan.inbound === plan.outbound),
      body: text,
      signal: abort.signal,
    })
    if (response.status >= 300) {
      const passed = await passError(response, plan.inbound, plan.outbound, endpoint)
      await end({ outcome: 'failed', status: passed.response.status, sentence: passed.sentence })
      return passed.response
    }
    const streams = /^text\/event-stream/.test(response.headers.get('content-type') ?? '')
    if (!streams || !plan.stream) return await answerWhole(response, streams, plan, meter, endpoint, end)
  } catch (error) {
    return refuseBroken(error, abort.signal, plan, endpoint, end)
  }

  let mostOutput = fits.outputTokens
  return pumpStream(response, {
    plan,
    meter,
    framing: route.framing,
    model: endpoint.model,
    abort,
    end,
    /** Lets the answer run on only as far as the budget goes. */
    mayRunOn: async () => {
      if (meter.outputSoFar() <= mostOutput) return null
      const outputTokens = Math.max(meter.outputSoFar(), mostOutput * 2)
      const refused = await reserve(reserver, {
        inputTokens: fits.inputTokens,
        outputTokens,
        keptLong: weight.keptLong,
      })
      if (refused === null) mostOutput = outputTokens
      return refused
    },
  })
}

/** An answer in one piece, though either side may have expected a stream. */
async function answerWhole(
  response: UpstreamResponse,
  streams: boolean,
  plan: Plan,
  meter: Meter,
  endpoint: ModelEndpoint,
  end: (ending: Ending) => Promise<void>,
): Promise<Response> {
  const text = await response.text()
  const events = streams ? readStream(text, plan) : plan.outbound.readAnswer(JSON.parse(text))
  meter.add(events)
  const failed = events.find((event) => event.kind === 'error')
  if (failed) {
    await end({ outcome: 'failed', status: 502, sentence: failed.sentence })
    return refuse(plan.inbound, { status: 502, kind: 'upstream', sentence: failed.sentence })
  }
  await end({ outcome: 'ok', status: 200, sentence: null })
  const headers = headersBack(response.headers)
  if (plan.stream) {
    const writer = plan.inbound.createWriter(
      plan.neutral ?? { ...emptyRequest, wantsUsage: !plan.hidesUsage },
      endpoint.model,
    )
    const frames = events.map((event) => writer.write(event)).join('') + writer.end()
    return new Response(frames, { headers: { ...headers, 'content-type': 'text/event-stream' } })
  }
  if (plan.neutral === null && !streams) {
    return new Response(text, { headers: { ...headers, 'content-type': 'application/json' } })
  }
  const answer = plan.inbound.writeAnswer(events, plan.neutral ?? emptyRequest, endpoint.model)
  return Response.json(answer, { headers })
}

function readStream(text: string, plan: Plan): AnswerEvent[] {
  const bytes = Buffer.from(text)
  const read = plan.outbound.createReader()
  return [...readFrames({ bytes, text: bytes.toString('latin1') })].flatMap(({ frame }) => read(frame))
}

/** Errors before an endpoint has seen anything. After any other it may have worked, and counted, all the same. */
const neverArrived = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])

/** No answer came, or not all of it: said in the agent's wire, so that it may try again. */
async function refuseBroken(
  error: unknown,
  signal: AbortSignal,
  plan: Plan,
  endpoint: ModelEndpoint,
  end: (ending: Ending) => Promise<void>,
): Promise<Response> {
  if (signal.aborted) {
    const sentence = (signal.reason as Error).message
    await end({ outcome: 'cut', status: 403, sentence })
    return refuse(plan.inbound, { status: 403, kind: 'auth', sentence })
  }
  const { code, cause: inner } = error as { code?: string; cause?: { code?: string } }
  const cause = inner?.code ?? code ?? ''
  const outcome = neverArrived.has(cause) ? 'failed' : 'cut'
  const sentence = `The endpoint of model ${endpoint.name} gave no answer${cause ? ` (${cause})` : ''}.`
  await end({ outcome, status: 502, sentence })
  return refuse(plan.inbound, { status: 502, kind: 'upstream', sentence })
}

function usageOf(
  count: TokenCount,
  calls: number,
  prices: Prices,
  endpoint: ModelEndpoint,
  at: Date,
): CallReport['usage'] {
  const tokens = {
    inputTokens: count.input,
    cacheReadTokens: count.cacheRead,
    cacheWriteTokens: count.cacheWrite,
    outputTokens: count.output,
  }
  const none = Object.values(tokens).every((value) => value === 0)
  const priced = { ...tokens, cacheWrite1hTokens: count.cacheWrite1h }
  const micros = endpoint.free || none ? 0 : prices.priceOf(endpoint.model, endpoint.provider, priced, at)
  return { calls, ...tokens, micros }
}

/** Remembers how many bytes a token comes to here, for the next reservation. */
function learn(account: Account, { count, estimated }: Metered, bytes: number): void {
  const input = count.input + count.cacheRead + count.cacheWrite
  if (estimated || input < 500) return
  // A tenth less, because the next request is not quite like this one.
  const seen = Math.max(1, (bytes / input) * 0.9)
  account.bytesPerToken = Math.min(account.bytesPerToken ?? seen, seen)
}
