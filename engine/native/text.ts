// Text, JSON and embeddings in process, over node-llama-cpp. Runs in the native child only.
import {
  getLlama,
  type LlamaContext,
  type LlamaContextSequence,
  type LlamaEmbeddingContext,
  LlamaGrammarEvaluationState,
  LlamaLogLevel,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp'
import {
  type Finish,
  type GenerateJob,
  type LoadJob,
  NativeFailure,
  type Program,
  type Segment,
  schemaFailure,
} from './messages.ts'
import { pace } from './pace.ts'

/** Contexts kept beside the base: one for the adapter asked for last. */
interface Slots {
  context: LlamaContext
  free: LlamaContextSequence[]
  waiting: (() => void)[]
}

export async function textProgram(): Promise<Program> {
  let settings: LoadJob
  let model: LlamaModel
  let embedder: LlamaEmbeddingContext | null = null
  const slotsByAdapter = new Map<string, Promise<Slots>>()

  async function openSlots(adapter: string): Promise<Slots> {
    const context = await model
      .createContext({
        contextSize: settings.contextTokens,
        sequences: settings.slots,
        threads: settings.threads,
        ...(adapter === '' ? {} : { lora: adapter }),
      })
      .catch((error: Error) => {
        const kind = adapter === '' ? 'memory' : 'adapter'
        throw new NativeFailure(
          kind,
          `The engine could not make room for ${settings.contextTokens} tokens: ${error.message}`,
        )
      })
    return { context, free: Array.from({ length: settings.slots }, () => context.getSequence()), waiting: [] }
  }

  async function slotsFor(adapter: string): Promise<Slots> {
    const known = slotsByAdapter.get(adapter)
    if (known) return known
    for (const [other, slots] of slotsByAdapter) {
      if (other === '') continue
      const { context, free } = await slots
      if (free.length < settings.slots) continue
      slotsByAdapter.delete(other)
      await context.dispose()
    }
    const opening = openSlots(adapter)
    slotsByAdapter.set(adapter, opening)
    opening.catch(() => slotsByAdapter.delete(adapter))
    return opening
  }

  return {
    async load(job) {
      settings = job
      const llama = await getLlama({
        gpu: job.gpu ? 'auto' : false,
        build: 'never',
        skipDownload: true,
        progressLogs: false,
        logLevel: LlamaLogLevel.disabled,
        maxThreads: job.threads,
      })
      model = await llama
        .loadModel({ modelPath: job.weights, useMmap: true, ...(job.gpu ? {} : { gpuLayers: 0 }) })
        .catch((error: Error) => {
          throw new NativeFailure('unfit', `The engine could not load the weights: ${error.message}`)
        })
      if (job.embeddings) return { contextTokens: settings.contextTokens }
      const { context } = await slotsFor('')
      settings.contextTokens = Math.min(settings.contextTokens, context.contextSize)
      return { contextTokens: settings.contextTokens }
    },

    async generate(job, piece, signal) {
      const tokens = tokenize(model, job.prompt)
      const room = settings.contextTokens - tokens.length
      if (room < 1) {
        throw new NativeFailure(
          'overflow',
          `The prompt has ${tokens.length} tokens and the context holds ${settings.contextTokens}.`,
        )
      }
      const slots = await slotsFor(job.adapter ?? '')
      while (slots.free.length === 0) await new Promise<void>((resolve) => slots.waiting.push(resolve))
      const sequence = takeClosest(slots.free, tokens)
      try {
        return await generate(model, sequence, tokens, room, job, piece, signal)
      } finally {
        slots.free.push(sequence)
        slots.waiting.shift()?.()
      }
    },

    async embed(texts) {
      embedder ??= await model.createEmbeddingContext({
        contextSize: settings.contextTokens,
        threads: settings.threads,
      })
      const vectors: number[][] = []
      let tokens = 0
      for (const text of texts) {
        const ids = model.tokenize(text)
        if (ids.length >= settings.contextTokens) {
          throw new NativeFailure(
            'overflow',
            `The text has ${ids.length} tokens and the context holds ${settings.contextTokens}.`,
          )
        }
        tokens += ids.length
        vectors.push([...(await embedder.getEmbeddingFor(ids)).vector])
      }
      return { vectors, tokens }
    },
  }
}

function tokenize(model: LlamaModel, prompt: Segment[]): Token[] {
  return prompt.flatMap(({ text, control }) => (text === '' ? [] : model.tokenize(text, control)))
}

async function grammarFor(model: LlamaModel, text: string): Promise<LlamaGrammarEvaluationState> {
  try {
    return new LlamaGrammarEvaluationState({ model, grammar: await model.llama.createGrammar({ grammar: text }) })
  } catch (error) {
    throw schemaFailure(error)
  }
}

/** The free sequence that shares the longest prefix, so that conversations keep their cache. */
function takeClosest(free: LlamaContextSequence[], tokens: Token[]): LlamaContextSequence {
  let best = 0
  let longest = -1
  for (const [index, sequence] of free.entries()) {
    const shared = sequence.compareContextTokens(tokens).firstDifferentIndex
    if (shared > longest) [best, longest] = [index, shared]
  }
  return free.splice(best, 1)[0]!
}

async function generate(
  model: LlamaModel,
  sequence: LlamaContextSequence,
  tokens: Token[],
  room: number,
  job: GenerateJob,
  piece: (text: string) => void,
  signal: AbortSignal,
): Promise<Finish> {
  await sequence.adaptStateToTokens(tokens.slice(0, -1), false)
  const cachedTokens = sequence.nextTokenIndex
  const grammar = job.grammar === null ? null : await grammarFor(model, job.grammar)
  const finish: Finish = { reason: 'stop', promptTokens: tokens.length, cachedTokens, completionTokens: 0 }
  const most = Math.min(job.maxTokens ?? room, room)
  const pending: Token[] = []
  let before: Token[] = []
  const due = pace()
  // Control tokens are shown: tool calls start with one. A half character waits for its other half.
  const show = (all = false) => {
    if (pending.length === 0) return
    const text = model.detokenize(pending, true, before)
    if (!all && text.endsWith('\uFFFD') && pending.length < 64) return
    piece(text)
    before = pending.splice(0)
  }

  const evaluation = sequence.evaluate(tokens.slice(cachedTokens), {
    temperature: job.temperature,
    topP: job.topP,
    ...(job.seed === null ? {} : { seed: job.seed }),
    ...(grammar ? { grammarEvaluationState: grammar } : {}),
    yieldEogToken: true,
  })
  for await (const token of evaluation) {
    if (signal.aborted) return { ...finish, reason: 'aborted' }
    if (model.isEogToken(token)) break
    finish.completionTokens++
    pending.push(token)
    if (due()) show()
    if (finish.completionTokens >= most) {
      finish.reason = 'length'
      break
    }
  }
  show(true)
  return finish
}
