// One function per kind of step.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentStep } from './script.ts'

export interface Stage {
  cwd: string
  prompt: string
  images: number
  signal: AbortSignal
  update(update: object): void
  request(method: string, params: object): Promise<unknown>
  /** Writes bytes that are no frame, waiting while the host does not read. */
  raw(text: string): Promise<void>
  nextId(): string
}

type StepOf<Kind extends AgentStep['do']> = Extract<AgentStep, { do: Kind }>
/** A text returned (or promised) is a stop reason and ends the turn. */
type Player<Kind extends AgentStep['do']> = (step: StepOf<Kind>, stage: Stage) => unknown

export function placeOf(path: string, cwd: string): string {
  if (path.startsWith('~/')) return join(homedir(), path.slice(2))
  return isAbsolute(path) ? path : join(cwd, path)
}

const words = (kind: string, text: string): object => ({ sessionUpdate: kind, content: { type: 'text', text } })

async function tool(stage: Stage, kind: string, title: string, work: () => Promise<string> | string): Promise<void> {
  const toolCallId = stage.nextId()
  stage.update({ sessionUpdate: 'tool_call', toolCallId, title, kind, status: 'in_progress' })
  const end = (status: string, text: string): void =>
    stage.update({
      sessionUpdate: 'tool_call_update',
      toolCallId,
      status,
      content: [{ type: 'content', content: { type: 'text', text } }],
    })
  try {
    end('completed', await work())
  } catch (error) {
    end('failed', error instanceof Error ? error.message : String(error))
  }
}

function runCommand(command: string, stage: Stage): Promise<string> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn('sh', ['-c', command], { cwd: stage.cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const add = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-4096)
    }
    child.stdout?.on('data', add)
    child.stderr?.on('data', add)
    const kill = (): void => void child.kill('SIGKILL')
    stage.signal.addEventListener('abort', kill, { once: true })
    child.on('error', reject)
    child.on('close', (code) => {
      stage.signal.removeEventListener('abort', kill)
      if (code === 0) resolve(output)
      else reject(new Error(`exit ${code}\n${output}`))
    })
  })
}

const floods: Record<StepOf<'flood'>['as'], (stage: Stage, bytes: number) => Promise<void>> = {
  async speech(stage, bytes) {
    const piece = 'All work and no play. '.repeat(4)
    for (let sent = 0; sent < bytes; sent += piece.length) {
      stage.update(words('agent_message_chunk', piece))
      if (sent % (1 << 16) < piece.length) await stage.raw('')
    }
  },
  async tools(stage, bytes) {
    for (let sent = 0; sent < bytes; sent += 200) {
      const toolCallId = stage.nextId()
      stage.update({
        sessionUpdate: 'tool_call',
        toolCallId,
        title: 'x'.repeat(100),
        kind: 'read',
        status: 'completed',
      })
      if (sent % (1 << 16) < 200) await stage.raw('')
    }
  },
  async noise(stage, bytes) {
    const piece = `${'noise '.repeat(100)}\n`
    for (let sent = 0; sent < bytes; sent += piece.length) await stage.raw(piece)
  },
  async line(stage, bytes) {
    const piece = 'x'.repeat(1 << 16)
    for (let sent = 0; sent < bytes; sent += piece.length) await stage.raw(piece)
    await stage.raw('\n')
  },
}

export const players: { [Kind in AgentStep['do']]: Player<Kind> } = {
  say: (step, stage) => {
    const text = step.text.replaceAll('{{images}}', String(stage.images)).replaceAll('{{prompt}}', stage.prompt)
    stage.update(words('agent_message_chunk', text))
  },
  think: (step, stage) => stage.update(words('agent_thought_chunk', step.text)),
  plan: (step, stage) =>
    stage.update({
      sessionUpdate: 'plan',
      entries: step.entries.map((content) => ({ content, priority: 'medium', status: 'pending' })),
    }),
  edit: (step, stage) =>
    tool(stage, 'edit', `Edit ${step.path}`, () => {
      const file = placeOf(step.path, stage.cwd)
      const text = readFileSync(file, 'utf8')
      if (text.includes(step.old))
        writeFileSync(
          file,
          text.replace(step.old, () => step.new),
        )
      else if (!text.includes(step.new)) throw new Error(`${step.path} does not contain the text to replace.`)
      return 'edited'
    }),
  write: (step, stage) =>
    tool(stage, 'edit', `Write ${step.path}`, () => {
      const file = placeOf(step.path, stage.cwd)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, step.text)
      return 'written'
    }),
  delete: (step, stage) =>
    tool(stage, 'delete', `Delete ${step.path}`, () => {
      rmSync(placeOf(step.path, stage.cwd), { recursive: true, force: true })
      return 'deleted'
    }),
  run: (step, stage) => tool(stage, 'execute', step.command, () => runCommand(step.command, stage)),
  async wait(step, stage) {
    const file = placeOf(step.file, stage.cwd)
    while (!existsSync(file)) await sleep(25, undefined, { signal: stage.signal })
  },
  async sleep(step, stage) {
    await sleep(step.ms, undefined, { signal: stage.signal })
  },
  async ask(step, stage) {
    const toolCallId = stage.nextId()
    const options = [
      { optionId: 'no', name: 'No', kind: 'reject_once' },
      { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
    ]
    // Announced here first, as some agents do.
    const toolCall = { toolCallId, title: step.title, kind: 'execute', status: 'pending' }
    const answer = (await stage.request('session/request_permission', { toolCall, options })) as {
      outcome?: { optionId?: string }
    }
    const status = answer.outcome?.optionId === 'yes' ? 'completed' : 'failed'
    stage.update({ sessionUpdate: 'tool_call_update', toolCallId, status })
  },
  async request(step, stage) {
    const answer = await stage.request(step.method, {}).catch((error: Error) => error.message)
    stage.update(words('agent_message_chunk', `${step.method}: ${JSON.stringify(answer)}`))
  },
  flood: (step, stage) => floods[step.as](stage, step.bytes),
  garbage: (step, stage) => stage.raw(step.text),
  async hang(step) {
    while (step.busy) Math.sqrt(Math.random())
    await new Promise(() => setInterval(() => undefined, 1 << 30))
  },
  crash: () => void process.kill(process.pid, 'SIGKILL'),
  exit: (step) => process.exit(step.code),
  stop: (step) => step.reason,
}
