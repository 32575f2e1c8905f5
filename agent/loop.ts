// The turn: ask the model, carry out its calls, write both down, until it calls nothing more.
import { setTimeout as sleep } from 'node:timers/promises'
import type { LanguageModel, ModelMessage, ToolSet } from 'ai'
import { type Answer, askModel, type Call } from './ask.ts'
import { compact, estimateTokens } from './compact.ts'
import type { RemoteTool } from './mcp.ts'
import { repeatStop, repeatWarning, watchRepeats } from './repeat.ts'
import { messageOf, remedyFor } from './retry.ts'
import type { Session } from './session.ts'
import type { Settings } from './settings.ts'
import type { AgentTool, World } from './tools/tool.ts'

/** What the turn tells whoever watches. */
export interface Watcher {
  text(kind: 'text' | 'reasoning', text: string): void
  callStarted(call: Call, own: AgentTool<unknown> | null): void
  callOutput(call: Call, text: string): void
  callEnded(call: Call, failed: boolean, text: string): void
  usage(used: number, size: number): void
}

export interface Turn {
  settings: Settings
  model: LanguageModel
  system: string
  session: Session
  own: readonly AgentTool<unknown>[]
  remote: readonly RemoteTool[]
  tools: ToolSet
  signal: AbortSignal
  watcher: Watcher
}

export type StopReason = 'end_turn' | 'max_tokens' | 'max_turn_requests' | 'cancelled'

/** Share of the context at which the history is shortened, and to which. */
const fullShare = 0.8
const shortShare = 0.5

/** Throws only when the model cannot be reached any more. */
export async function runTurn(turn: Turn): Promise<StopReason> {
  const repeats = watchRepeats()
  const gauge = { scale: 1, toolChars: JSON.stringify(turn.tools).length }
  let nudged = false
  for (let step = 0; step < turn.settings.maxSteps; step += 1) {
    if (turn.signal.aborted) return 'cancelled'
    const answer = await askPersistently(turn, gauge)
    if (!answer) return 'cancelled'
    const { text, calls } = answer
    if (text || calls.length > 0) await turn.session.add(assistantMessage(text, calls))
    if (calls.length === 0) {
      if (answer.finish === 'length') return 'max_tokens'
      if (text.trim() || nudged) return 'end_turn'
      nudged = true
      await turn.session.add({ role: 'user', content: 'You answered nothing. Go on, or say that you are done.' })
      continue
    }
    for (const call of calls) {
      const { failed, text: output } = await carryOut(turn, call)
      if (turn.signal.aborted) return 'cancelled'
      const times = repeats.note(call.tool, call.input, output)
      const warning =
        times >= repeatWarning
          ? `\n(This is the same call with the same result ${times} times. Do something else.)`
          : ''
      await turn.session.add(resultMessage(call, failed, output + warning))
      if (times >= repeatStop) {
        turn.watcher.text('text', `\nStopped: ${call.tool} was called ${times} times with the same result.`)
        return 'max_turn_requests'
      }
    }
  }
  return 'max_turn_requests'
}

/** Asks until there is an answer, from the messages as saved; null when cancelled. */
async function askPersistently(turn: Turn, gauge: { scale: number; toolChars: number }): Promise<Answer | null> {
  const { settings, session, system, watcher, signal } = turn
  const measure = (messages: ModelMessage[]): number => estimateTokens(system, messages, gauge.toolChars, gauge.scale)
  const shorten = async (share: number): Promise<void> => {
    const shorter = compact(session.messages, settings.contextTokens * share, measure)
    if (measure(shorter) >= measure(session.messages)) return
    watcher.text('reasoning', '\n[Older steps were folded into a ledger to fit the context.]\n')
    await session.replace(shorter)
  }
  for (let attempt = 1, share = shortShare; ; attempt += 1) {
    if (measure(session.messages) > settings.contextTokens * fullShare) await shorten(shortShare)
    try {
      const onText = watcher.text
      const answer = await askModel({ ...turn, messages: session.messages, onText })
      if (answer.inputTokens) {
        // The estimate follows what the model counts, slowly and within reason.
        gauge.scale = Math.min(3, Math.max(0.5, gauge.scale * (answer.inputTokens / measure(session.messages))))
      }
      const used = (answer.inputTokens ?? measure(session.messages)) + (answer.outputTokens ?? 0)
      watcher.usage(used, settings.contextTokens)
      return answer
    } catch (error) {
      if (signal.aborted) return null
      const remedy = remedyFor(error, attempt, settings)
      if (remedy.do === 'give up' || (remedy.do === 'shorten' && share < 0.1)) {
        throw new Error(`The model does not answer: ${remedy.why}`, { cause: error })
      }
      watcher.text('reasoning', `\n[${remedy.why}; asking again.]\n`)
      if (remedy.do === 'shorten') {
        share /= 2
        await shorten(share)
      } else await sleep(remedy.ms, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return null
    }
  }
}

async function carryOut(turn: Turn, call: Call): Promise<{ failed: boolean; text: string }> {
  const own = turn.own.find((tool) => tool.name === call.tool) ?? null
  const remote = turn.remote.find((tool) => tool.name === call.tool) ?? null
  const { settings, watcher, signal } = turn
  const world: World = {
    cwd: turn.session.cwd,
    commandEnv: settings.commandEnv,
    signal,
    maxOutput: Math.max(4000, Math.min(30_000, Math.floor(settings.contextTokens * 0.35))),
    onOutput: (text) => watcher.callOutput(call, text),
  }
  watcher.callStarted(call, call.invalid ? null : own)
  const work = async (): Promise<string> => {
    if (call.invalid) throw new Error(call.invalid)
    if (own) return own.run(own.schema.parse(call.input), world)
    if (remote) return remote.call(call.input, signal, world.maxOutput)
    const names = [...turn.own, ...turn.remote].map((tool) => tool.name).join(', ')
    throw new Error(`There is no tool ${call.tool}; there are ${names}.`)
  }
  const result = await work().then(
    (text) => ({ failed: false, text }),
    (error: unknown) => ({ failed: true, text: messageOf(error) }),
  )
  watcher.callEnded(call, result.failed, result.text)
  return result
}

function assistantMessage(text: string, calls: Call[]): ModelMessage {
  return {
    role: 'assistant',
    content: [
      ...(text ? [{ type: 'text' as const, text }] : []),
      ...calls.map((call) => ({
        type: 'tool-call' as const,
        toolCallId: call.id,
        toolName: call.tool,
        // What could not be parsed is sent back as an object, which is all that servers accept.
        input: typeof call.input === 'object' && call.input !== null ? call.input : { text: String(call.input) },
      })),
    ],
  }
}

function resultMessage(call: Call, failed: boolean, value: string): ModelMessage {
  const output = { type: failed ? ('error-text' as const) : ('text' as const), value }
  return { role: 'tool', content: [{ type: 'tool-result', toolCallId: call.id, toolName: call.tool, output }] }
}
