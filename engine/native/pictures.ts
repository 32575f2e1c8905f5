// Pictures in process, over llama.node (the binding that has llama.cpp's picture reader). Runs in the native child only.
import { type LoadJob, NativeFailure, type Program, type Segment, schemaFailure } from './messages.ts'
import { pace } from './pace.ts'

/** What is used of the library. Its own types are sources that a stricter compiler than its author's would have to pass. */
interface Library {
  loadModel(options: Record<string, unknown>): Promise<Context>
}
interface Context {
  initMultimodal(options: { path: string; use_gpu: boolean; image_max_tokens: number }): boolean
  applyLoraAdapters(adapters: { path: string; scaled: number }[]): void
  removeLoraAdapters(): void
  clearCache(clearData: boolean): void
  completion(options: Record<string, unknown>, onToken: (piece: { token?: string }) => void): Promise<Completion>
  stopCompletion(): void
  tokenize(text: string): Promise<{ tokens: Int32Array }>
  embedding(text: string): Promise<{ embedding: Float32Array }>
}
interface Completion {
  text: string
  tokens_evaluated: number
  tokens_predicted: number
  context_full: boolean
  stopped_limited: boolean
  timings: { prompt_n: number }
}

const library: string = '@fugood/llama.node'

export async function picturesProgram(): Promise<Program> {
  const { loadModel } = (await import(library)) as Library
  let settings: LoadJob
  let context: Context
  let adapterInUse: string | null = null
  // The library runs one completion at a time.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work, work)
    last = result.catch(() => undefined)
    return result
  }

  function wear(adapter: string | null): void {
    if (adapter === adapterInUse) return
    context.removeLoraAdapters()
    if (adapter !== null) {
      try {
        context.applyLoraAdapters([{ path: adapter, scaled: 1 }])
      } catch (error) {
        context.clearCache(true)
        adapterInUse = null
        throw new NativeFailure('adapter', `The engine could not apply the adapter: ${(error as Error).message}`)
      }
    }
    // Without this the old cache answers for the new weights.
    context.clearCache(true)
    adapterInUse = adapter
  }

  return {
    async load(job) {
      settings = job
      context = await loadModel({
        model: job.weights,
        n_ctx: job.contextTokens,
        n_threads: job.threads,
        n_gpu_layers: job.gpu ? 999 : 0,
        use_mmap: true,
        embedding: job.embeddings,
      }).catch((error: Error) => {
        throw new NativeFailure('unfit', `The engine could not load the weights: ${error.message}`)
      })
      if (job.projector !== null) {
        const seen = context.initMultimodal({
          path: job.projector,
          use_gpu: job.gpu,
          image_max_tokens: job.mostImageTokens,
        })
        if (!seen) throw new NativeFailure('unfit', 'The projector does not belong to these weights.')
      }
      return { contextTokens: job.contextTokens }
    },

    generate: (job, piece, signal) =>
      inTurn(async () => {
        if (signal.aborted) return { reason: 'aborted', promptTokens: 0, cachedTokens: 0, completionTokens: 0 }
        wear(job.adapter)
        const stop = () => context.stopCompletion()
        signal.addEventListener('abort', stop, { once: true })
        const due = pace()
        let held = ''
        let sent = ''
        let over = false
        try {
          const greedy = job.temperature === 0
          const result = await context
            .completion(
              {
                prompt: promptOf(job.prompt),
                media_paths: job.pictures,
                n_predict: Math.min(job.maxTokens ?? settings.contextTokens, settings.contextTokens),
                // temperature 0 alone is not repeatable in this library; taking only the best token is.
                ...(greedy ? { top_k: 1 } : { temperature: job.temperature, top_p: job.topP }),
                seed: job.seed ?? -1,
                stop: job.stop,
                ...(job.grammar === null ? {} : { grammar: job.grammar }),
              },
              ({ token }) => {
                if (over) return
                held += token ?? ''
                if (held === '' || !due()) return
                piece(held)
                sent += held
                held = ''
              },
            )
            .catch((error: unknown) => {
              throw job.grammar !== null && /grammar/i.test(String(error)) ? schemaFailure(error) : error
            })
          // The last tokens may be told of after the result is there, or never; the result has them all.
          over = true
          const rest = result.text.startsWith(sent) ? result.text.slice(sent.length) : held
          if (rest !== '') piece(rest)
          const promptTokens = result.tokens_evaluated - result.tokens_predicted
          if (result.context_full && result.tokens_predicted === 0) {
            throw new NativeFailure(
              'overflow',
              `The prompt does not fit the context of ${settings.contextTokens} tokens.`,
            )
          }
          return {
            reason: signal.aborted ? 'aborted' : result.stopped_limited || result.context_full ? 'length' : 'stop',
            promptTokens: Math.max(promptTokens, 0),
            cachedTokens: Math.max(promptTokens - result.timings.prompt_n, 0),
            completionTokens: result.tokens_predicted,
          }
        } finally {
          signal.removeEventListener('abort', stop)
        }
      }),

    embed: (texts) =>
      inTurn(async () => {
        const vectors: number[][] = []
        let tokens = 0
        for (const text of texts) {
          tokens += (await context.tokenize(text)).tokens.length
          vectors.push([...(await context.embedding(text)).embedding])
        }
        return { vectors, tokens }
      }),
  }
}

/** This library reads control tokens everywhere, so what a person wrote gets an invisible space inside each of them. */
function promptOf(segments: Segment[]): string {
  return segments.map(({ text, control }) => (control ? text : `${text.slice(0, 1)}\u200b${text.slice(1)}`)).join('')
}
