// One way to ask any engine: repairs before, checks after, one retry, and an end to endless answers.
import { Refusal } from '@seatrial/protocol'
import type { Abilities, ChatPiece, ChatRequest, ModelEngine, ToolCall, Usage } from '../model-engine.ts'
import { callsIn } from './dialects.ts'
import { loopWatch } from './loop.ts'
import { repairMessages, shortId } from './repair.ts'
import { assertSchema, callSchema, whyNot, whyNotCalls } from './structured.ts'

/** Asks `engine`, as `ModelEngine.chat` does, but what comes out has been checked. */
export async function* answer(
  engine: ModelEngine,
  request: ChatRequest,
  signal: AbortSignal,
): AsyncGenerator<ChatPiece> {
  const abilities = await engine.abilities()
  const asked = { ...request, messages: repairMessages(request.messages, abilities.strictRoles) }
  refuseWhatCannotBe(asked, abilities)
  if (asked.schema !== null) yield* meetingSchema(engine, asked, signal)
  else if (asked.tools.length > 0 && asked.toolChoice !== 'auto' && asked.toolChoice !== 'none') {
    yield* mustCall(engine, asked, signal)
  } else yield* mayCall(engine, asked, signal)
}

function refuseWhatCannotBe(request: ChatRequest, abilities: Abilities): void {
  const pictures = request.messages.some(({ content }) => content.some(({ type }) => type === 'picture'))
  if (pictures && !abilities.seesImages) {
    throw new Refusal('unprocessable', 'This model does not see pictures; choose one that has the role "vision".')
  }
  if (request.schema !== null) assertSchema(request.schema)
  for (const tool of request.tools) assertSchema(tool.parameters)
}

/** Prose streams; a call is checked before it is passed on, and asked for once more by grammar when it is wrong. */
async function* mayCall(engine: ModelEngine, request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatPiece> {
  for await (const piece of unlooped(engine, request, signal)) {
    if (piece.type !== 'calls') {
      yield piece
      continue
    }
    if (whyNotCalls(request.tools, piece.calls) === null) {
      yield { type: 'calls', calls: withIds(piece.calls) }
      continue
    }
    yield* mustCall(engine, { ...request, toolChoice: 'required' }, signal)
    return
  }
}

async function* mustCall(engine: ModelEngine, request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatPiece> {
  const { toolChoice } = request
  const named = typeof toolChoice === 'object' ? toolChoice.name : null
  const tools = named === null ? request.tools : request.tools.filter(({ name }) => name === named)
  if (tools.length === 0) throw new Refusal('bad_request', `There is no tool "${named}" among those offered.`)
  const first = await gather(engine, { ...request, tools }, signal, mostProse)
  if (first.calls.length > 0 && whyNotCalls(tools, first.calls) === null)
    return yield* callsOut(first.calls, first.usage)

  // Prose instead of a call, or a wrong one: the schema of a call as the answer's schema leaves no way around it.
  const second = await gather(engine, { ...request, tools: [], toolChoice: 'none', schema: callSchema(tools) }, signal)
  const usage = added(first.usage, second.usage)
  const calls = callsIn(parsed(second.text))
  const why = second.reason === 'length' ? 'it ran out of tokens' : calls ? whyNotCalls(tools, calls) : 'it wrote prose'
  if (calls === null || why !== null) {
    throw new Refusal('unprocessable', `The model was asked for a tool call and failed twice: ${why}.`)
  }
  yield* callsOut(
    calls.map((call) => ({ ...call, id: '' })),
    usage,
  )
}

async function* meetingSchema(
  engine: ModelEngine,
  request: ChatRequest,
  signal: AbortSignal,
): AsyncGenerator<ChatPiece> {
  const schema = request.schema!
  let usage: Usage | null = null
  let why = ''
  for (const attempt of [0, 1]) {
    // What went wrong greedily would go wrong again, so the second try takes a chance.
    const again = { temperature: Math.max(request.temperature, 0.7), seed: (request.seed ?? 0) + 1 }
    const result = await gather(engine, attempt === 0 ? request : { ...request, ...again }, signal)
    usage = usage === null ? result.usage : added(usage, result.usage)
    if (result.calls.length > 0) return yield* callsOut(result.calls, usage)
    const wrong = result.reason === 'loop' ? 'it went round in circles' : whyNot(schema, result.text)
    if (wrong === null || result.reason === 'length') {
      yield { type: 'text', text: result.text }
      yield { type: 'end', reason: result.reason, usage }
      return
    }
    why = wrong
  }
  throw new Refusal('unprocessable', `The model did not meet the JSON schema in two tries: ${why}.`)
}

async function* callsOut(calls: ToolCall[], usage: Usage): AsyncGenerator<ChatPiece> {
  yield { type: 'calls', calls: withIds(calls) }
  yield { type: 'end', reason: 'tool_calls', usage }
}

interface Gathered {
  text: string
  calls: ToolCall[]
  reason: 'stop' | 'length' | 'tool_calls' | 'loop'
  usage: Usage
}

/** A model that must call says a little before it does; one that says more than this, in characters, will not. */
const mostProse = 2000

async function gather(
  engine: ModelEngine,
  request: ChatRequest,
  signal: AbortSignal,
  mostText = Number.POSITIVE_INFINITY,
): Promise<Gathered> {
  const result: Gathered = { text: '', calls: [], reason: 'stop', usage: noUsage }
  for await (const piece of unlooped(engine, request, signal, mostText)) {
    if (piece.type === 'text') result.text += piece.text
    else if (piece.type === 'calls') result.calls.push(...piece.calls)
    else Object.assign(result, { reason: piece.reason, usage: piece.usage })
  }
  return result
}

/** The engine's pieces, ended when the text goes round in circles or past `mostText` characters. */
async function* unlooped(
  engine: ModelEngine,
  request: ChatRequest,
  signal: AbortSignal,
  mostText = Number.POSITIVE_INFINITY,
): AsyncGenerator<ChatPiece> {
  const loops = loopWatch()
  const stop = new AbortController()
  let written = 0
  let length = 0
  try {
    for await (const piece of engine.chat(request, AbortSignal.any([signal, stop.signal]))) {
      if (stop.signal.aborted) {
        // Only the engine knows what was read and written until it stopped.
        if (piece.type === 'end') yield { ...piece, reason: 'loop' }
        continue
      }
      yield piece
      if (piece.type !== 'text') continue
      written++
      length += piece.text.length
      if (loops(piece.text) || length > mostText) stop.abort()
    }
  } catch (error) {
    // An engine behind an address breaks off instead, and takes its figures along.
    if (!stop.signal.aborted || signal.aborted) throw error
    yield { type: 'end', reason: 'loop', usage: { ...noUsage, completionTokens: written } }
  }
}

const noUsage: Usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 }

const added = (a: Usage, b: Usage): Usage => ({
  promptTokens: a.promptTokens + b.promptTokens,
  cachedTokens: a.cachedTokens + b.cachedTokens,
  completionTokens: a.completionTokens + b.completionTokens,
})

/** Every call leaves with nine letters and digits: all clients take them and strict templates insist. */
function withIds(calls: ToolCall[]): ToolCall[] {
  return calls.map((call) => ({ ...call, id: shortId(call.id === '' ? crypto.randomUUID() : call.id) }))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
