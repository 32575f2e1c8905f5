// The engine with nothing to fetch: text over node-llama-cpp, pictures over llama.node, each in its own child process.
import { Refusal } from '@seatrial/protocol'
import { dialectOf } from './chat/dialects.ts'
import { grammarOf } from './chat/grammar.ts'
import { splitAt, stopAt } from './chat/split.ts'
import { callSchema } from './chat/structured.ts'
import { type ChatTemplate, render } from './chat/template.ts'
import type { ChatPiece, ChatRequest, ModelEngine, Tool } from './model-engine.ts'
import type { Finish, LoadJob } from './native/messages.ts'
import { type Native, nativeChild } from './native/parent.ts'

export interface LocalModel {
  weights: string
  projector: string | null
  template: ChatTemplate | null
  /** Where the template is, when it is not the weights' own. */
  templateFile: string | null
  contextTokens: number
  /** Key and value by which the weights say what they were trained for; null when they do not. */
  trained: { key: string; tokens: number } | null
  /** Path of an adapter by name, or null when this model has none of that name. */
  adapterPath(name: string): string | null
}

export interface LocalSettings {
  threads: number
  /** Null leaves it to the engine: none in process but on Apple silicon, all that fits for llama-server. */
  gpu: boolean | null
  slots: number
  idleMs: number
  mostImageTokens: number
  env: Record<string, string>
}

/** Starts nothing until the first request. */
export function inProcess(model: LocalModel, settings: LocalSettings): ModelEngine {
  const load: LoadJob = {
    weights: model.weights,
    projector: null,
    contextTokens: model.contextTokens,
    threads: settings.threads,
    gpu: settings.gpu ?? (process.platform === 'darwin' && process.arch === 'arm64'),
    slots: settings.slots,
    embeddings: false,
    mostImageTokens: settings.mostImageTokens,
  }
  const child = (program: 'text' | 'pictures', changes: Partial<LoadJob>): Native =>
    nativeChild({ program, load: { ...load, ...changes }, idleMs: settings.idleMs, env: settings.env })
  const natives = {
    text: child('text', {}),
    pictures: child('pictures', { projector: model.projector }),
    // Embedding contexts answer differently from chat contexts, so they get a child of their own.
    embeddings: child('text', { embeddings: true }),
  }
  const dialect = dialectOf(model.template?.source ?? '')

  return {
    kind: 'in-process',
    abilities: async () => ({
      contextTokens: model.contextTokens,
      seesImages: model.projector !== null,
      embeds: true,
      strictRoles: dialect.strict,
    }),
    embed: (texts) => natives.embeddings.embed(texts),
    processes: () => Object.values(natives).flatMap((native) => native.pid() ?? []),
    close: async () => {
      await Promise.all(Object.values(natives).map((native) => native.close()))
    },

    async *chat(request, signal) {
      if (model.template === null) {
        throw new Refusal('unprocessable', 'This model has no chat template; it can only make embeddings.')
      }
      const tools = request.toolChoice === 'none' ? [] : request.tools
      const forced = tools.length > 0 && request.toolChoice !== 'auto'
      const prompt = render(model.template, request.messages, tools)
      if (forced) prompt.push({ text: dialect.forced, control: true })
      const pictures = picturesOf(request)
      const native = pictures.length > 0 ? natives.pictures : natives.text
      const stop = new AbortController()
      const pieces = native.generate(
        {
          prompt,
          pictures,
          grammar: grammarFor(request, tools, forced),
          temperature: request.temperature,
          topP: request.topP,
          seed: request.seed,
          maxTokens: request.maxTokens,
          stop: [],
          adapter: adapterOf(model, request.adapter),
        },
        AbortSignal.any([signal, stop.signal]),
      )
      if (forced) yield* forcedCall(pieces, tools)
      else yield* prose(pieces, stop, request.stop, tools.length > 0 ? dialect : null)
    },
  }
}

function grammarFor(request: ChatRequest, tools: Tool[], forced: boolean): string | null {
  if (forced) return grammarOf(callSchema(tools))
  return request.schema === null ? null : grammarOf(request.schema)
}

function picturesOf(request: ChatRequest): string[] {
  return request.messages.flatMap(({ content }) =>
    content.flatMap((part) =>
      part.type === 'picture' ? [`data:${part.mediaType};base64,${Buffer.from(part.data).toString('base64')}`] : [],
    ),
  )
}

function adapterOf(model: LocalModel, name: string | null): string | null {
  if (name === null) return null
  const path = model.adapterPath(name)
  if (path === null) throw new Refusal('not_found', `This model has no adapter "${name}".`)
  return path
}

/** A whole call by grammar, so nothing streams until it is there. */
async function* forcedCall(pieces: AsyncGenerator<string, Finish>, tools: Tool[]): AsyncGenerator<ChatPiece> {
  let text = ''
  let next = await pieces.next()
  for (; !next.done; next = await pieces.next()) text += next.value
  const finish = next.value
  const usage = usageOf(finish)
  if (finish.reason === 'stop') {
    const call = JSON.parse(text) as { name: string; arguments: unknown }
    if (tools.some(({ name }) => name === call.name)) {
      yield { type: 'calls', calls: [{ id: '', name: call.name, arguments: JSON.stringify(call.arguments) }] }
    }
    yield { type: 'end', reason: 'tool_calls', usage }
  } else yield { type: 'end', reason: 'length', usage }
}

/** Text as it comes, ended at a stop word, with the call that may follow it. */
async function* prose(
  pieces: AsyncGenerator<string, Finish>,
  stop: AbortController,
  stopWords: string[],
  dialect: ReturnType<typeof dialectOf> | null,
): AsyncGenerator<ChatPiece> {
  const splitter = splitAt(dialect?.start ?? null)
  const stops = stopAt(stopWords)
  let next = await pieces.next()
  for (; !next.done; next = await pieces.next()) {
    // After a stop word the engine ends by itself and says what it has read and written.
    if (stop.signal.aborted) continue
    const { text, stopped } = stops.feed(next.value)
    if (stopped) stop.abort()
    const shown = splitter.feed(text)
    if (shown !== '') yield { type: 'text', text: shown }
  }
  const finish = next.value
  const late = splitter.feed(stop.signal.aborted ? '' : stops.end())
  const { prose: rest, call } = splitter.end()
  const calls = call === '' ? null : (dialect?.read(call) ?? null)
  if (late + rest !== '') yield { type: 'text', text: late + rest }
  if (calls) yield { type: 'calls', calls: calls.map((each) => ({ ...each, id: '' })) }
  else if (call !== '') yield { type: 'text', text: call }
  const reason = calls ? 'tool_calls' : finish.reason === 'length' ? 'length' : 'stop'
  yield { type: 'end', reason, usage: usageOf(finish) }
}

const usageOf = ({ promptTokens, cachedTokens, completionTokens }: Finish) => ({
  promptTokens,
  cachedTokens,
  completionTokens,
})
