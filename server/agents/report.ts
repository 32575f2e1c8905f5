// Turns what an agent does into the house's events: in order, coalesced, bounded, and no faster than they are taken.
import type { EventBody, PlanEntry, ToolCall } from '@seatrial/protocol'
import { callEnded, mayChangeTree, type ToolPatch, upsertCall } from './updates.ts'

export interface ReportOptions {
  onEvent(body: EventBody): Promise<void> | void
  onStep(title: string): Promise<void> | void
  /** Said text is held this long to be joined with what follows. */
  coalesceMs: number
  /** ... or until it is this long. */
  coalesceChars: number
  /** Characters of speech and of tool events recorded per turn; what comes after is dropped and said once. */
  maxSaidChars: number
  maxToolChars: number
  /** Jobs that may wait before the agent's output is no longer read. */
  maxWaiting: number
}

export const reportLimits = {
  coalesceMs: 100,
  coalesceChars: 4096,
  maxSaidChars: 4_000_000,
  maxToolChars: 32_000_000,
  maxWaiting: 64,
}

export interface Report {
  said(role: 'agent' | 'thought', text: string): void
  tool(patch: ToolPatch): void
  planned(entries: PlanEntry[]): void
  event(body: EventBody): void
  /** Asks the house something, after all that was reported before; never settles when the house threw. */
  ask<T>(question: () => Promise<T> | T): Promise<T>
  /** Resolves when fewer than `maxWaiting` jobs wait. */
  room(): Promise<void>
  /** Flushes what is held and waits until all was taken; throws what a taker threw. */
  drain(): Promise<void>
  /** Rejects as soon as a taker threw. */
  readonly failed: Promise<never>
  runningTools(): number
  /** The agent's words since its last tool call. */
  lastWords(): string | null
  /** Whether the house itself is what everyone waits for. */
  waiting(): boolean
}

export function createReport(options: ReportOptions): Report {
  const calls = new Map<string, ToolCall>()
  const dirty = new Set<string>()
  const jobs: (() => Promise<void> | void)[] = []
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined)
  let held: { role: 'agent' | 'thought'; text: string } | null = null
  let timer: NodeJS.Timeout | null = null
  let saidChars = 0
  let toolChars = 0
  let words = ''
  let pumping: Promise<void> | null = null
  let roomMade = Promise.withResolvers<void>()

  const pump = async (): Promise<void> => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      await job()
      if (jobs.length < options.maxWaiting) {
        roomMade.resolve()
        roomMade = Promise.withResolvers<void>()
      }
    }
  }
  const push = (job: () => Promise<void> | void): void => {
    jobs.push(job)
    pumping ??= pump()
      .catch((error: unknown) => {
        jobs.length = 0
        roomMade.resolve()
        failure.reject(error)
      })
      .finally(() => {
        pumping = null
      })
  }
  const emit = (body: EventBody): void => push(() => options.onEvent(body))

  const flushSaid = (): void => {
    if (!held) return
    const { role, text } = held
    held = null
    emit({ type: 'agent.said', role, text })
  }
  const flushTool = (callId: string): void => {
    dirty.delete(callId)
    const call = calls.get(callId)
    if (!call) return
    const size = call.title.length + (call.output?.length ?? 0) + call.paths.join().length + 100
    if (toolChars <= options.maxToolChars && toolChars + size > options.maxToolChars) {
      emit({ type: 'agent.said', role: 'thought', text: '[This turn made more tool output than is recorded.]' })
    }
    toolChars += size
    if (toolChars <= options.maxToolChars) emit({ type: 'agent.used-tool', call })
  }
  const flush = (): void => {
    if (timer) clearTimeout(timer)
    timer = null
    flushSaid()
    for (const callId of dirty) flushTool(callId)
  }
  const flushSoon = (): void => {
    timer ??= setTimeout(flush, options.coalesceMs)
  }

  return {
    said(role, text) {
      if (role === 'agent') words = (words + text).slice(-4000)
      if (saidChars > options.maxSaidChars) return
      saidChars += text.length
      const allowed = saidChars > options.maxSaidChars ? '\n[This turn said more than is recorded.]' : text
      if (held && held.role !== role) flushSaid()
      for (let rest = allowed; rest.length > 0; ) {
        const space = options.coalesceChars - (held?.text.length ?? 0)
        held = { role, text: (held?.text ?? '') + rest.slice(0, space) }
        rest = rest.slice(space)
        if (held.text.length >= options.coalesceChars) flushSaid()
      }
      if (held) flushSoon()
    },
    tool(patch) {
      const before = calls.get(patch.callId)
      if (before && callEnded(before) && !patch.output) return
      const call = upsertCall(before, patch)
      calls.set(call.callId, call)
      if (!before) forgetOldest(calls)
      if (held) flushSaid()
      words = ''
      const ends = callEnded(call) && !(before && callEnded(before))
      if (!before || ends) flushTool(call.callId)
      else {
        dirty.add(call.callId)
        flushSoon()
      }
      if (ends && mayChangeTree(call)) push(() => options.onStep(call.title))
    },
    planned(entries) {
      flushSaid()
      emit({ type: 'agent.planned', entries })
    },
    event(body) {
      flush()
      emit(body)
    },
    ask(question) {
      flush()
      return new Promise((resolve) => push(async () => resolve(await question())))
    },
    async room() {
      while (jobs.length >= options.maxWaiting) await roomMade.promise
    },
    async drain() {
      flush()
      while (pumping) await Promise.race([pumping, failure.promise])
      await Promise.race([failure.promise, Promise.resolve()])
    },
    failed: failure.promise,
    runningTools: () => [...calls.values()].filter((call) => !callEnded(call)).length,
    lastWords: () => words.trim() || null,
    waiting: () => pumping !== null,
  }
}

/** Keeps memory flat when an agent makes up ids without end. */
function forgetOldest(calls: Map<string, ToolCall>): void {
  if (calls.size <= 2000) return
  const [oldest] = calls.keys()
  if (oldest !== undefined) calls.delete(oldest)
}
