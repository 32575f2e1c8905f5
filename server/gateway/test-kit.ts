// For the gateway's tests alone: a ledger in memory, and requests and replies of each wire in plain words.

import type { Usage } from '@seatrial/protocol'
import { type ScriptedModel, type ScriptInput, startScriptedModel } from '@seatrial/scripted/model'
import { type Amount, budgetVerdict, type Limits, type Spent } from './budget.ts'
import { createGateway } from './create-gateway.ts'
import type { CallReport, Gateway, Ledger, ModelEndpoint, Spender } from './gateway.ts'
import type { Json } from './neutral.ts'
import { priceOf } from './prices.ts'

export type WireName = ModelEndpoint['wire']
export const wireNames: WireName[] = ['openai-chat', 'openai-responses', 'anthropic', 'gemini']

const noLimit = { tokens: null, micros: null }
export const noLimits: Limits = { trial: noLimit, task: noLimit, day: noLimit }

export interface MemoryLedger extends Ledger {
  settled: Usage[]
  /** Refusals after which nothing smaller was asked for. */
  refusals: string[]
  open: Map<string, Amount>
}

/** One trial, one task, one day: all three scopes are the same here. */
export function createMemoryLedger(limits: Limits = noLimits): MemoryLedger {
  const settled: Usage[] = []
  const refusals: string[] = []
  const open = new Map<string, Amount>()
  const spent = (except: string): Amount => {
    const amounts: Amount[] = [
      ...settled.map((usage) => ({
        tokens: usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens + usage.outputTokens,
        micros: usage.micros,
      })),
      ...[...open].filter(([id]) => id !== except).map(([, amount]) => amount),
    ]
    return amounts.reduce(
      (sum, one) => ({
        tokens: sum.tokens + one.tokens,
        micros: sum.micros === null || one.micros === null ? null : sum.micros + one.micros,
      }),
      { tokens: 0, micros: 0 },
    )
  }
  return {
    settled,
    refusals,
    open,
    async reserve(_spender, callId, most, mayAskLess) {
      const before = spent(callId)
      const all: Spent = { trial: before, task: before, day: before }
      const refused = budgetVerdict(all, most, limits)
      if (refused === null) open.set(callId, most)
      else if (!mayAskLess) refusals.push(refused)
      return refused
    },
    async settle(_spender, callId, usage) {
      if (!open.delete(callId)) throw new Error(`Call ${callId} was never reserved.`)
      settled.push(usage)
    },
  }
}

export interface Rig {
  model: ScriptedModel
  gateway: Gateway
  ledger: MemoryLedger
  reports: CallReport[]
  spender: Spender
  token: string
  /** Sends a body on a wire through the gateway. */
  send(
    wire: WireName,
    body: Json,
    options?: { stream?: boolean; signal?: AbortSignal; path?: string },
  ): Promise<Response>
  close(): Promise<void>
}

export const secret = 'sk-the-real-key-of-the-house'

/** A scripted endpoint of one wire behind a gateway. */
export async function makeRig(options: {
  wire: WireName
  script: ScriptInput
  limits?: Limits
  endpoint?: Partial<ModelEndpoint>
}): Promise<Rig> {
  const model = await startScriptedModel({ script: options.script })
  const ledger = createMemoryLedger(options.limits)
  const reports: CallReport[] = []
  const gateway = createGateway({ ledger, prices: { priceOf }, onUsage: (report) => reports.push(report) })
  const endpoint: ModelEndpoint = {
    name: 'house-model',
    wire: options.wire,
    baseUrl: model.url,
    model: 'claude-opus-4-7',
    apiKey: secret,
    provider: 'anthropic',
    free: false,
    contextTokens: 200_000,
    seesImages: true,
    worn: null,
    ...options.endpoint,
  }
  const spender: Spender = { trialId: 'trial-1', taskId: 'task-1', model: endpoint }
  const token = gateway.mint(spender)
  return {
    model,
    gateway,
    ledger,
    reports,
    spender,
    token,
    send(wire, body, { stream = false, signal, path } = {}) {
      const request = requests[wire]
      return gateway.fetch(
        new Request(`http://gateway${path ?? request.path(stream)}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...request.auth(token) },
          body: JSON.stringify(wire === 'gemini' ? body : { ...body, stream }),
          ...(signal ? { signal } : {}),
        }),
      )
    },
    async close() {
      await gateway.close()
      await model.close()
    },
  }
}

export const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const schema = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] }

/** Per wire: where it goes, how it authenticates, and the same conversation in its words. */
export const requests: {
  [Name in WireName]: {
    path(stream: boolean): string
    auth(token: string): Record<string, string>
    /** System prompt, picture, and one finished tool round. */
    conversation: Json
    hello: Json
    /** Text, calls and finish reason of a whole reply. */
    read(reply: Json): { text: string; calls: { name: string; args: unknown }[]; usage: number[] }
    /** The same of a stream's frames. */
    readStream(frames: Json[]): { text: string; calls: { name: string; args: unknown }[]; usage: number[] }
  }
} = {
  'openai-chat': {
    path: () => '/v1/chat/completions',
    auth: (token) => ({ authorization: `Bearer ${token}` }),
    hello: { model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }] },
    conversation: {
      model: 'gpt-4o',
      stream_options: { include_usage: true },
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'look at this' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'read', arguments: '{"path":"a"}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'contents of a' },
      ],
      tools: [{ type: 'function', function: { name: 'read', description: 'Reads', parameters: schema } }],
    },
    read: (reply) => ({
      text: reply.choices[0].message.content ?? '',
      calls: (reply.choices[0].message.tool_calls ?? []).map((call: Json) => ({
        name: call.function.name,
        args: JSON.parse(call.function.arguments),
      })),
      usage: [
        reply.usage.prompt_tokens,
        reply.usage.prompt_tokens_details.cached_tokens,
        reply.usage.completion_tokens,
      ],
    }),
    readStream(frames) {
      const calls: { name: string; args: string }[] = []
      let text = ''
      for (const frame of frames) {
        const delta = frame.choices[0]?.delta ?? {}
        text += delta.content ?? ''
        for (const call of delta.tool_calls ?? []) {
          calls[call.index] ??= { name: call.function.name, args: '' }
          calls[call.index]!.args += call.function.arguments ?? ''
        }
      }
      const { usage } = frames.at(-1)!
      return {
        text,
        calls: calls.map(({ name, args }) => ({ name, args: JSON.parse(args) })),
        usage: [usage.prompt_tokens, usage.prompt_tokens_details.cached_tokens, usage.completion_tokens],
      }
    },
  },
  'openai-responses': {
    path: () => '/v1/responses',
    auth: (token) => ({ authorization: `Bearer ${token}` }),
    hello: { model: 'gpt-5', input: 'hello' },
    conversation: {
      model: 'gpt-5',
      instructions: 'Be brief.',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'look at this' },
            { type: 'input_image', image_url: `data:image/png;base64,${pixel}` },
          ],
        },
        { type: 'function_call', call_id: 'c1', name: 'read', arguments: '{"path":"a"}' },
        { type: 'function_call_output', call_id: 'c1', output: 'contents of a' },
      ],
      tools: [{ type: 'function', name: 'read', description: 'Reads', parameters: schema }],
    },
    read: (reply) => ({
      text: reply.output
        .filter((item: Json) => item.type === 'message')
        .map((item: Json) => item.content[0].text)
        .join(''),
      calls: reply.output
        .filter((item: Json) => item.type === 'function_call')
        .map((item: Json) => ({ name: item.name, args: JSON.parse(item.arguments) })),
      usage: [reply.usage.input_tokens, reply.usage.input_tokens_details.cached_tokens, reply.usage.output_tokens],
    }),
    readStream: (frames) => requests['openai-responses'].read(frames.at(-1)!.response),
  },
  anthropic: {
    path: () => '/v1/messages',
    auth: (token) => ({ 'x-api-key': token, 'anthropic-version': '2023-06-01' }),
    hello: { model: 'claude', max_tokens: 1000, messages: [{ role: 'user', content: 'hello' }] },
    conversation: {
      model: 'claude',
      max_tokens: 1000,
      system: [{ type: 'text', text: 'Be brief.' }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'look at this' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
          ],
        },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'read', input: { path: 'a' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'contents of a' }] },
      ],
      tools: [{ name: 'read', description: 'Reads', input_schema: schema }],
    },
    read: (reply) => ({
      text: reply.content
        .filter((block: Json) => block.type === 'text')
        .map((block: Json) => block.text)
        .join(''),
      calls: reply.content
        .filter((block: Json) => block.type === 'tool_use')
        .map((block: Json) => ({ name: block.name, args: block.input })),
      usage: anthropicUsage(reply.usage),
    }),
    readStream(frames) {
      const blocks: Json[] = []
      let usage: Json = {}
      for (const frame of frames) {
        if (frame.type === 'content_block_start') blocks[frame.index] = { ...frame.content_block, json: '' }
        if (frame.delta?.type === 'text_delta') blocks[frame.index]!.text += frame.delta.text
        if (frame.delta?.type === 'input_json_delta') blocks[frame.index]!.json += frame.delta.partial_json
        usage = { ...usage, ...frame.message?.usage, ...frame.usage }
      }
      const calls = blocks.filter((block) => block.type === 'tool_use')
      return {
        text: blocks
          .filter((block) => block.type === 'text')
          .map((block) => block.text)
          .join(''),
        calls: calls.map((block) => ({ name: block.name, args: JSON.parse(block.json) })),
        usage: anthropicUsage(usage),
      }
    },
  },
  gemini: {
    path: (stream) => `/v1beta/models/gemini-2.5-pro:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    auth: (token) => ({ 'x-goog-api-key': token }),
    hello: { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] },
    conversation: {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'look at this' }, { inlineData: { mimeType: 'image/png', data: pixel } }] },
        { role: 'model', parts: [{ functionCall: { name: 'read', args: { path: 'a' } } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'read', response: { output: 'contents of a' } } }] },
      ],
      tools: [{ functionDeclarations: [{ name: 'read', description: 'Reads', parametersJsonSchema: schema }] }],
    },
    read: (reply) => geminiReply([reply]),
    readStream: (frames) => geminiReply(frames),
  },
}

const anthropicUsage = (usage: Json): number[] => [
  usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens,
  usage.cache_read_input_tokens,
  usage.output_tokens,
]

function geminiReply(frames: Json[]) {
  const parts: Json[] = frames.flatMap((frame) => frame.candidates[0].content.parts)
  const usage = frames.at(-1)!.usageMetadata
  return {
    text: parts.map((part) => part.text ?? '').join(''),
    calls: parts
      .filter((part) => part.functionCall)
      .map(({ functionCall }) => ({ name: functionCall.name, args: functionCall.args })),
    usage: [usage.promptTokenCount, usage.cachedContentTokenCount, usage.candidatesTokenCount],
  }
}

/** The JSON frames of a server-sent stream. */
export const framesOf = (text: string): Json[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]')
    .map((line) => JSON.parse(line.slice(6)))
