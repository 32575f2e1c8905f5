// An ACP agent that plays a script instead of thinking. Says so in everything it says of itself. No dependencies, so
// that a start costs tens of milliseconds. The script is in the prompt (```script ... ```) or in the file SCRIPTED_AGENT.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type AgentStep, readScript } from './agent/script.ts'
import { placeOf, players, type Stage } from './agent/steps.ts'

// biome-ignore lint/suspicious/noExplicitAny: frames come from whoever drives this agent, and no schema library is loaded.
type Loose = Record<string, any>

/** How far a session is: kept under HOME, so that a crash or a takeover goes on instead of starting over. */
interface Progress {
  cwd: string
  /** Turns finished, and the steps done of the one that runs. */
  turns: number
  step: number
}

const sessions = new Map<string, Progress>()
const running = new Map<string, AbortController>()
const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
let requests = 0
let ids = 0

const write = (frame: object): boolean => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n`)

/** Steps after which nothing of this process can note that they were done. */
const last: ReadonlySet<AgentStep['do']> = new Set(['crash', 'exit', 'hang'])

const progressFile = (sessionId: string): string =>
  join(homedir(), '.scripted', `${sessionId.replace(/[^\w-]/g, '')}.json`)

function save(sessionId: string, progress: Progress): void {
  const file = progressFile(sessionId)
  mkdirSync(join(homedir(), '.scripted'), { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(progress))
  renameSync(`${file}.new`, file)
}

function stageFor(sessionId: string, cwd: string, prompt: Loose[], signal: AbortSignal): Stage {
  return {
    cwd,
    signal,
    prompt: prompt.map((part) => part.text ?? '').join('\n'),
    images: prompt.filter((part) => part.type === 'image').length,
    update: (update) => void write({ method: 'session/update', params: { sessionId, update } }),
    request: (method, params) =>
      new Promise((resolve, reject) => {
        const id = ++requests
        waiting.set(id, { resolve, reject })
        write({ id, method, params: { sessionId, ...params } })
      }),
    raw: (text) => new Promise((resolve) => process.stdout.write(text, () => resolve())),
    nextId: () => `call-${++ids}`,
  }
}

async function play(sessionId: string, prompt: Loose[], signal: AbortSignal): Promise<string> {
  const progress = sessions.get(sessionId)
  if (!progress) throw new Error(`No session ${sessionId}.`)
  const stage = stageFor(sessionId, progress.cwd, prompt, signal)
  const script = readScript(stage.prompt, process.env.SCRIPTED_AGENT)
  const fresh = stage.prompt.includes('```script') && progress.turns > 0
  const steps = progress.turns === 0 || fresh ? script?.steps : script?.messages?.[progress.turns - 1]
  for (const step of (steps ?? [{ do: 'say', text: 'Scripted agent: nothing to play for this message.' }]).slice(
    progress.step,
  )) {
    if (signal.aborted) return 'cancelled'
    progress.step += 1
    if (last.has(step.do)) save(sessionId, progress)
    if (step.unless && existsSync(placeOf(step.unless, progress.cwd))) continue
    const reason = await players[step.do](step as never, stage)
    if (signal.aborted) return 'cancelled'
    if (typeof reason === 'string') return finishTurn(sessionId, progress, reason)
    save(sessionId, progress)
  }
  return finishTurn(sessionId, progress, 'end_turn')
}

function finishTurn(sessionId: string, progress: Progress, reason: string): string {
  progress.turns += 1
  progress.step = 0
  save(sessionId, progress)
  return reason
}

const methods: Record<string, (params: Loose) => unknown> = {
  initialize: () => ({
    protocolVersion: 1,
    agentInfo: { name: 'scripted', title: 'Scripted agent', version: '1' },
    agentCapabilities: { loadSession: true, promptCapabilities: { image: true } },
    authMethods: [],
  }),
  'session/new': ({ cwd }) => {
    const sessionId = `scripted-${Date.now().toString(36)}-${process.pid}`
    sessions.set(sessionId, { cwd, turns: 0, step: 0 })
    return { sessionId }
  },
  'session/load': ({ sessionId, cwd }) => {
    const progress = JSON.parse(readFileSync(progressFile(sessionId), 'utf8')) as Progress
    sessions.set(sessionId, { ...progress, cwd })
    return {}
  },
  async 'session/prompt'({ sessionId, prompt }) {
    const abort = new AbortController()
    running.set(sessionId, abort)
    try {
      return { stopReason: await play(sessionId, prompt, abort.signal) }
    } catch (error) {
      if (abort.signal.aborted) return { stopReason: 'cancelled' }
      throw error
    } finally {
      running.delete(sessionId)
    }
  },
}

async function answer(frame: Loose): Promise<void> {
  if (frame.method === 'session/cancel') return running.get(frame.params?.sessionId)?.abort()
  if (frame.method === undefined) {
    const asked = waiting.get(frame.id)
    waiting.delete(frame.id)
    if (frame.error) asked?.reject(new Error(`${frame.error.code} ${frame.error.message}`))
    else asked?.resolve(frame.result)
    return
  }
  if (frame.id === undefined) return
  const method = methods[frame.method]
  try {
    if (!method) write({ id: frame.id, error: { code: -32601, message: `Method not found: ${frame.method}` } })
    else write({ id: frame.id, result: await method(frame.params ?? {}) })
  } catch (error) {
    write({ id: frame.id, error: { code: -32603, message: error instanceof Error ? error.message : String(error) } })
  }
}

if (import.meta.main) {
  const input = createInterface({ input: process.stdin })
  input.on('line', (line) => {
    if (line.trim()) void answer(JSON.parse(line) as Loose)
  })
  input.on('close', () => process.exit(0))
}
