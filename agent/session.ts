// A session on disk: one JSON line per message, appended as it happens, so that a restart goes on from the last step.
import { randomUUID } from 'node:crypto'
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelMessage } from 'ai'

export interface Session {
  readonly id: string
  readonly cwd: string
  messages: ModelMessage[]
  add(message: ModelMessage): Promise<void>
  /** Puts a shorter history in place of all messages so far. */
  replace(messages: ModelMessage[]): Promise<void>
}

type Line = { cwd: string } | { message: ModelMessage } | { messages: ModelMessage[] }

const folder = (home: string): string => join(home, '.seatrial-agent', 'sessions')
const fileOf = (home: string, id: string): string => join(folder(home), `${id}.jsonl`)

export async function createSession(home: string, cwd: string): Promise<Session> {
  const id = randomUUID()
  await mkdir(folder(home), { recursive: true })
  const session = open(home, id, cwd, [])
  await appendFile(fileOf(home, id), `${JSON.stringify({ cwd } satisfies Line)}\n`)
  return session
}

/** Null when there is no such session. A torn last line and calls without a result are dropped. */
export async function loadSession(home: string, id: string, cwd: string): Promise<Session | null> {
  if (!/^[\w-]+$/.test(id)) return null
  const text = await readFile(fileOf(home, id), 'utf8').catch(() => null)
  if (text === null) return null
  let messages: ModelMessage[] = []
  for (const line of text.split('\n')) {
    const read = parseLine(line)
    if (read && 'message' in read) messages.push(read.message)
    else if (read && 'messages' in read) messages = read.messages
  }
  // So that the next line does not continue a torn one.
  if (!text.endsWith('\n')) await appendFile(fileOf(home, id), '\n')
  return open(home, id, cwd, withoutDangling(messages))
}

function open(home: string, id: string, cwd: string, messages: ModelMessage[]): Session {
  const append = (line: Line): Promise<void> => appendFile(fileOf(home, id), `${JSON.stringify(line)}\n`)
  const session: Session = {
    id,
    cwd,
    messages,
    async add(message) {
      session.messages.push(message)
      await append({ message })
    },
    async replace(shorter) {
      session.messages = shorter
      await append({ messages: shorter })
    },
  }
  return session
}

function parseLine(line: string): Line | null {
  try {
    return line ? (JSON.parse(line) as Line) : null
  } catch {
    return null
  }
}

/** Tool calls without a result, and results without a call, break the next request; both are taken out. */
export function withoutDangling(messages: ModelMessage[]): ModelMessage[] {
  const answered = new Set<string>()
  for (const message of messages) {
    if (message.role !== 'tool') continue
    for (const part of message.content) if (part.type === 'tool-result') answered.add(part.toolCallId)
  }
  const called = new Set<string>()
  const kept: ModelMessage[] = []
  for (const message of messages) {
    if (message.role === 'assistant' && Array.isArray(message.content)) {
      const content = message.content.filter((part) => part.type !== 'tool-call' || answered.has(part.toolCallId))
      for (const part of content) if (part.type === 'tool-call') called.add(part.toolCallId)
      if (content.length > 0) kept.push({ ...message, content })
    } else if (message.role === 'tool') {
      const content = message.content.filter((part) => part.type !== 'tool-result' || called.has(part.toolCallId))
      if (content.length > 0) kept.push({ ...message, content })
    } else kept.push(message)
  }
  return kept
}
