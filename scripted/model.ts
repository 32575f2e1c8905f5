// A scripted model on loopback: four wire formats, streaming or not, tool calls, usage and faults, all from data.
// Every reply names the model `scripted`, so that nothing it says can be taken for a model's work.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { makeCall } from './capability.ts'
import { type Choice, choose, readCwd } from './choose.ts'
import type { Conversation, Loose, Turn, TurnCall, Wire } from './conversation.ts'
import { Script, type ScriptInput } from './script.ts'
import { anthropic } from './wires/anthropic.ts'
import { chat } from './wires/chat.ts'
import { gemini } from './wires/gemini.ts'
import { responses } from './wires/responses.ts'

export type { ScriptInput } from './script.ts'

const wires = [
  { name: 'openai-chat', path: /\/chat\/completions$/, wire: chat },
  { name: 'openai-responses', path: /\/responses$/, wire: responses },
  { name: 'anthropic', path: /\/messages$/, wire: anthropic },
  { name: 'gemini', path: /:(streamG|g)enerateContent$/, wire: gemini },
] as const

export interface RecordedRequest {
  wire: (typeof wires)[number]['name'] | 'other'
  method: string
  path: string
  headers: IncomingHttpHeaders
  /** The body as sent, parsed; null when there was none. */
  body: Loose
  model: string
  stream: boolean
  /** Names of the tools offered. */
  tools: string[]
  images: number
  lastUser: string
  toolResults: number
  /** Index of the rule that answered, or null. */
  rule: number | null
  reply: { text: string; calls: { name: string; args: Record<string, unknown> }[]; usage: Turn['usage'] }
  /** `open` until the answer ended; `aborted` when the caller went away before. */
  state: 'open' | 'finished' | 'aborted'
}

export interface ScriptedModel {
  /** e.g. `http://127.0.0.1:40123`; OpenAI and Anthropic paths are below `/v1`, Gemini's below `/v1beta`. */
  url: string
  requests: RecordedRequest[]
  close(): Promise<void>
}

/** Starts a scripted model. Throws when the script is not valid. */
export async function startScriptedModel(options: {
  script: ScriptInput
  port?: number
  host?: string
}): Promise<ScriptedModel> {
  const script = Script.parse(options.script)
  const tally = new Map<string, number>()
  const requests: RecordedRequest[] = []
  const server = createServer((request, response) => {
    answer(request, response, script, tally, requests).catch((error) => response.destroy(error))
  })
  const host = options.host ?? '127.0.0.1'
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, resolve)
  })
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  script: Script,
  tally: Map<string, number>,
  requests: RecordedRequest[],
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://scripted')
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  const text = Buffer.concat(pieces).toString()
  const body = parsed(text)
  const found = wires.find((one) => one.path.test(url.pathname))
  const record = recordOf(request, url, body, found?.name ?? 'other')
  requests.push(record)
  response.once('close', () => {
    record.state = response.writableFinished ? 'finished' : 'aborted'
  })
  if (!found || body === null || request.method !== 'POST') return answerOther(url, text, response)

  const conversation = found.wire.read(body, url)
  const choice = choose(script, conversation, tally)
  const turn = turnOf(choice, conversation, script.cwd ?? readCwd(conversation), text.length)
  Object.assign(record, {
    model: conversation.model,
    stream: conversation.stream,
    tools: conversation.tools.map((tool) => tool.name),
    images: conversation.said.reduce((sum, one) => sum + one.images, 0),
    lastUser: conversation.said.findLast((one) => one.role === 'user')?.text ?? '',
    toolResults: conversation.said.filter((one) => one.role === 'tool').length,
    rule: choice.rule,
    reply: { text: turn.text, calls: turn.calls.map(({ name, args }) => ({ name, args })), usage: turn.usage },
  } satisfies Partial<RecordedRequest>)
  await send(response, found.wire, conversation, turn, choice)
}

/** The body as JSON; null when it is none. */
function parsed(text: string): Loose {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const recordOf = (
  request: IncomingMessage,
  url: URL,
  body: unknown,
  wire: RecordedRequest['wire'],
): RecordedRequest => ({
  wire,
  method: request.method ?? '',
  path: url.pathname + url.search,
  headers: request.headers,
  body,
  model: '',
  stream: false,
  tools: [],
  images: 0,
  lastUser: '',
  toolResults: 0,
  rule: null,
  reply: { text: '', calls: [], usage: null },
  state: 'open',
})

/** What agents ask besides: the list of models and token counts. */
function answerOther(url: URL, text: string, response: ServerResponse): void {
  const tokens = Math.ceil(text.length / 4)
  const model = { id: 'scripted', object: 'model', created: 0, owned_by: 'scripted', context_length: 128_000 }
  const bodies: [RegExp, unknown][] = [
    [/\/v1beta\/models/, { models: [{ name: 'models/scripted', inputTokenLimit: 128_000 }] }],
    [/\/models(\/|$)/, { object: 'list', data: [model] }],
    [/count_?tokens$/i, { input_tokens: tokens, totalTokens: tokens }],
    [/\/health$/, { status: 'ok' }],
  ]
  const body = bodies.findLast(([path]) => path.test(url.pathname))?.[1]
  response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body ?? { error: { message: `Scripted: nothing at ${url.pathname}.` } }))
}

/** The turn a choice comes to; wishes that no offered tool can do are said in the text instead. */
function turnOf(choice: Choice, conversation: Conversation, cwd: string, requestBytes: number): Turn {
  const missed: string[] = []
  const calls = (choice.step.calls ?? []).flatMap((wanted): TurnCall[] => {
    const call = makeCall(wanted, conversation.tools, cwd)
    if (!call) {
      missed.push(`Scripted: no offered tool can ${'tool' in wanted ? wanted.tool : wanted.name}.`)
      return []
    }
    const json = JSON.stringify(call.args)
    const argsText = choice.fault?.kind === 'badjson' ? json.replace(/\}$/, ',}') : json
    return [{ ...call, id: `call_${randomUUID().slice(0, 8)}`, argsText }]
  })
  const text = [choice.step.text ?? '', ...missed].filter(Boolean).join('\n')
  const reasoning = choice.step.reasoning ?? ''
  const written = text.length + reasoning.length + calls.reduce((sum, call) => sum + call.argsText.length, 0)
  const given = choice.step.usage
  return {
    id: `scripted-${randomUUID().slice(0, 12)}`,
    model: 'scripted',
    text,
    reasoning,
    calls,
    usage:
      given === null
        ? null
        : {
            input: given?.input ?? Math.ceil(requestBytes / 4),
            cacheRead: given?.cacheRead ?? 0,
            cacheWrite: given?.cacheWrite ?? 0,
            output: given?.output ?? Math.ceil(written / 4),
          },
  }
}

async function send(
  response: ServerResponse,
  wire: Wire,
  conversation: Conversation,
  turn: Turn,
  { fault }: Choice,
): Promise<void> {
  const away = new AbortController()
  const gone = new Promise<void>((resolve) => response.once('close', () => resolve(away.abort())))
  if (fault?.kind === 'hang') return gone
  if (fault?.kind === 'status') {
    response.writeHead(fault.status, {
      'content-type': 'application/json',
      ...(fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) }),
    })
    response.end(JSON.stringify(wire.error(fault.status, 'Scripted fault.')))
    return
  }
  const cut = fault?.kind === 'drop' || fault?.kind === 'eof' ? fault.after : Infinity
  if (!conversation.stream) {
    const json = JSON.stringify(wire.json(turn))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) })
    if (cut < Infinity) {
      response.write(json.slice(0, json.length / 2), () => response.destroy())
      return
    }
    response.end(json)
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  response.flushHeaders()
  let count = 0
  for (const piece of wire.stream(turn, conversation)) {
    if (response.destroyed) return
    if (count++ >= cut) break
    if (fault?.kind === 'slow') await sleep(fault.msPerToken, null, { signal: away.signal }).catch(() => {})
    if (!response.write(piece)) await Promise.race([new Promise((resolve) => response.once('drain', resolve)), gone])
  }
  if (fault?.kind !== 'drop') {
    response.end()
    return
  }
  await new Promise<void>((resolve) => response.write('', () => resolve()))
  await sleep(20)
  response.destroy()
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { script: { type: 'string' }, port: { type: 'string' }, host: { type: 'string' } },
  })
  if (!values.script) {
    process.stderr.write('Usage: node scripted/model.ts --script FILE.json [--port N] [--host ADDRESS]\n')
    process.exit(2)
  }
  const model = await startScriptedModel({
    script: JSON.parse(readFileSync(values.script, 'utf8')),
    port: Number(values.port ?? 0),
    ...(values.host ? { host: values.host } : {}),
  })
  process.stdout.write(`${model.url}\n`)
}
