// Runs one turn of one agent: starts it in the sandbox, talks ACP with it, and ends it whatever it does.

import { constants } from 'node:os'
import { relative } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { RequestError } from '@agentclientprotocol/sdk'
import type { SandboxedProcess } from '../sandbox/sandbox.ts'
import type { AgentOutcome, AgentTurn, McpServer } from './agent.ts'
import type { CatalogEntry } from './entry.ts'
import { frameStream } from './frames.ts'
import type { Launch } from './launch.ts'
import { createReport, reportLimits } from './report.ts'
import { untilHung } from './silence.ts'
import { startTalk, type Talk, wordsOf } from './talk.ts'
import { plain } from './updates.ts'

export interface HostLimits {
  /** From the start until the session is open. */
  startMs: number
  /** Without output, running tool or CPU use, before an agent counts as hung. */
  silenceMs: number
  /** Between the polite cancel and the kill. */
  cancelMs: number
  /** Between the end of input and the kill, for sessions to be written. */
  quitMs: number
  maxLineBytes: number
}

export const hostLimits: HostLimits = {
  startMs: 120_000,
  silenceMs: 10 * 60_000,
  cancelMs: 5_000,
  quitMs: 1_500,
  maxLineBytes: 16 << 20,
}

interface HostedTurn {
  entry: CatalogEntry
  launch: Launch
  version: string | null
  turn: AgentTurn
  mcpServers: McpServer[]
  limits: HostLimits
}

/** Never throws for anything the agent does; what the house's own callbacks throw is passed on after the kill. */
export async function hostTurn({
  entry,
  launch,
  version,
  turn,
  mcpServers,
  limits,
}: HostedTurn): Promise<AgentOutcome> {
  if (turn.signal.aborted) return ending(entry, turn, 'cancelled', 'was cancelled before it started')
  const cwd = relative(turn.sandbox.policy.mountAt, turn.cwd) || '.'
  const child = await turn.sandbox.spawn(launch.argv, { cwd, env: launch.env })
  const report = createReport({ ...reportLimits, onEvent: turn.onEvent, onStep: turn.onStep })
  const heard = hearChild(child)
  const stop = new AbortController()
  const stream = frameStream(child.stdin as Writable, child.stdout as Readable, {
    maxLineBytes: limits.maxLineBytes,
    maxUnanswered: 64,
    room: report.room,
    onBytes: heard.bytes,
    onNoise: heard.noise,
  })
  const talk = startTalk(stream, { entry, version, turn, mcpServers, report })
  talk.ended.catch(() => undefined)
  try {
    const outcome = await Promise.race([
      report.failed,
      untilTalked(talk, child, entry, turn, heard),
      untilExited(talk, child, entry, turn, heard),
      untilStarted(talk, limits, entry, turn, heard, stop.signal),
      untilCancelled(talk, limits, entry, turn, stop.signal),
      untilHung({
        pid: child.pid,
        silenceMs: limits.silenceMs,
        lastOutput: heard.lastOutput,
        excused: () => report.runningTools() > 0 || report.waiting(),
        signal: stop.signal,
      }).then(() =>
        ending(entry, turn, 'hung', `went silent for ${seconds(limits.silenceMs)} without running anything`),
      ),
    ])
    await report.drain()
    return { ...outcome, summary: outcome.summary ?? report.lastWords(), sessionId: talk.sessionId() ?? turn.sessionId }
  } finally {
    stop.abort()
    await quit(child, limits.quitMs)
  }
}

/** The last words outside the protocol, for the sentence that says what went wrong. */
function hearChild(child: SandboxedProcess) {
  let last = performance.now()
  let tail = ''
  let noiseLines = 0
  const bytes = (): void => {
    last = performance.now()
  }
  const add = (text: string): void => {
    tail = (tail + text).slice(-2000)
  }
  child.stderr.on('data', (chunk: Buffer) => {
    bytes()
    add(chunk.toString('utf8', Math.max(0, chunk.length - 2000)))
  })
  child.stderr.on('error', () => undefined)
  return {
    bytes,
    noise(line: string): void {
      noiseLines += 1
      add(`${line}\n`)
    },
    lastOutput: () => last,
    noiseLines: () => noiseLines,
    words(): string {
      const words = plain(tail, 2000).replace(/\s+/g, ' ').trim().slice(-300)
      return words ? `; its last words: ${words}` : ''
    },
  }
}
type Heard = ReturnType<typeof hearChild>

const seconds = (ms: number): string => (ms >= 1000 ? `${Math.round(ms / 1000)} seconds` : `${ms} ms`)
const never = new Promise<never>(() => undefined)

function ending(entry: CatalogEntry, turn: AgentTurn, kind: AgentOutcome['kind'], what: string): AgentOutcome {
  return { kind, sentence: `${entry.label} ${what}.`, summary: null, sessionId: turn.sessionId }
}

/** A protocol error ends the turn; a closed connection is left to the exit, which knows more. */
async function untilTalked(
  talk: Talk,
  child: SandboxedProcess,
  entry: CatalogEntry,
  turn: AgentTurn,
  heard: Heard,
): Promise<AgentOutcome> {
  try {
    return await talk.ended
  } catch (error) {
    if (error instanceof RequestError) {
      const kind = error.code === -32000 ? 'not_ready' : 'crashed'
      return ending(entry, turn, kind, `answered with an error: ${wordsOf(error)}`)
    }
    const closed = error instanceof Error && /connection closed/i.test(error.message)
    if (!closed) return ending(entry, turn, 'crashed', `broke the protocol: ${plain(String(error), 300)}`)
    const exited = await Promise.race([child.exited, sleep(2000, null)])
    if (exited) return never
    return ending(entry, turn, 'crashed', `closed its output in the middle of its work${heard.words()}`)
  }
}

async function untilExited(
  talk: Talk,
  child: SandboxedProcess,
  entry: CatalogEntry,
  turn: AgentTurn,
  heard: Heard,
): Promise<AgentOutcome> {
  const { code, signal } = await child.exited
  // What it wrote before it went may still be on its way.
  const last = await Promise.race([talk.ended.catch(() => null), sleep(2000, null)])
  if (last) return last
  // A sandbox passes a signal on as 128 plus its number, as shells do.
  const name = signal ?? Object.entries(constants.signals).find(([, number]) => code === 128 + number)?.[0]
  const memory = name === 'SIGKILL' ? ' (often for lack of memory)' : ''
  const how = name ? `was killed by ${name}${memory}` : `exited with code ${code}`
  return ending(entry, turn, 'crashed', `${how} in the middle of its work${heard.words()}`)
}

async function untilStarted(
  talk: Talk,
  limits: HostLimits,
  entry: CatalogEntry,
  turn: AgentTurn,
  heard: Heard,
  signal: AbortSignal,
): Promise<AgentOutcome> {
  const late = sleep(limits.startMs, 'late' as const, { signal }).catch(() => never)
  const first = await Promise.race([late, talk.opened.then(() => 'opened' as const).catch(() => never)])
  if (first === 'opened') return never
  const noise = heard.noiseLines() > 0 ? ` and printed ${heard.noiseLines()} lines that are not ACP` : ''
  return ending(entry, turn, 'hung', `opened no session within ${seconds(limits.startMs)}${noise}${heard.words()}`)
}

async function untilCancelled(
  talk: Talk,
  limits: HostLimits,
  entry: CatalogEntry,
  turn: AgentTurn,
  stopped: AbortSignal,
): Promise<AgentOutcome> {
  await new Promise<void>((resolve) => {
    turn.signal.addEventListener('abort', () => resolve(), { once: true, signal: stopped })
  })
  talk.cancel()
  await Promise.race([
    talk.ended.catch(() => null),
    sleep(limits.cancelMs, null, { signal: stopped }).catch(() => null),
  ])
  return ending(entry, turn, 'cancelled', 'was cancelled')
}

/** End of input first, so that sessions get written; then the sandbox's kill, which leaves nothing behind. */
async function quit(child: SandboxedProcess, quitMs: number): Promise<void> {
  child.stdin.end()
  await Promise.race([child.exited, sleep(quitMs)])
  await child.kill()
}
