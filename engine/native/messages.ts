// What the house and a native child say to each other.

/** A stretch of a prompt; only template text may hold control tokens, never what a person or tool wrote. */
export interface Segment {
  text: string
  control: boolean
}

export interface LoadJob {
  weights: string
  projector: string | null
  contextTokens: number
  threads: number
  gpu: boolean
  slots: number
  embeddings: boolean
  mostImageTokens: number
}

export interface GenerateJob {
  prompt: Segment[]
  /** Data URLs, in the order of their markers in the prompt. */
  pictures: string[]
  grammar: string | null
  temperature: number
  topP: number
  seed: number | null
  maxTokens: number | null
  stop: string[]
  /** Path of a GGUF adapter. */
  adapter: string | null
}

export interface Loaded {
  contextTokens: number
}

export interface Finish {
  reason: 'stop' | 'length' | 'aborted'
  promptTokens: number
  cachedTokens: number
  completionTokens: number
}

export interface Vectors {
  vectors: number[][]
  tokens: number
}

export type ToChild =
  | { id: number; ask: 'load'; job: LoadJob }
  | { id: number; ask: 'generate'; job: GenerateJob }
  | { id: number; ask: 'embed'; texts: string[] }
  | { id: number; ask: 'stop' }

export type FromChild =
  | { id: number; say: 'piece'; text: string }
  | { id: number; say: 'done'; result: Loaded | Finish | Vectors }
  | { id: number; say: 'failed'; kind: FailureKind; sentence: string }

/** All but `broken` are the caller's: a prompt, a machine, weights, a picture, an adapter or a schema that do not do. */
export type FailureKind = 'overflow' | 'memory' | 'unfit' | 'picture' | 'adapter' | 'schema' | 'broken'

/** A failure of a native program that has a name. */
export class NativeFailure extends Error {
  readonly kind: FailureKind
  constructor(kind: FailureKind, sentence: string) {
    super(sentence)
    this.kind = kind
  }
}

/** The libraries refuse grammars that are too large; what the caller wrote is a schema. */
export function schemaFailure(error: unknown): NativeFailure {
  const said = error instanceof Error ? error.message : String(error)
  return new NativeFailure('schema', `The engine cannot hold answers to this JSON schema: ${said}.`)
}

/** What a program in the child does; one per native library. */
export interface Program {
  load(job: LoadJob): Promise<Loaded>
  generate(job: GenerateJob, piece: (text: string) => void, signal: AbortSignal): Promise<Finish>
  embed(texts: string[]): Promise<Vectors>
}

/** Stands where a picture goes in a prompt. */
export const pictureMark = '<__media__>'
