// Models of one's own: what is in the catalogue and on disk, whether it fits, what a picture says, what a dataset holds.
import { z } from 'zod'

/** What a model is good for. */
export const ModelRole = z.enum(['chat', 'code', 'vision', 'embed'])
export type ModelRole = z.infer<typeof ModelRole>

/** One file of a model. `sha256` and `bytes` are null where no source for them is known. */
export const ModelFile = z.object({
  name: z.string(),
  part: z.enum(['weights', 'projector']),
  bytes: z.number().int().nullable(),
  sha256: z.string().nullable(),
})
export type ModelFile = z.infer<typeof ModelFile>

/** Memory a model needs at a context, in bytes, by what needs it. */
export const MemoryNeed = z.object({
  contextTokens: z.number().int(),
  weights: z.number(),
  cache: z.number(),
  projector: z.number(),
  compute: z.number(),
  total: z.number(),
})
export type MemoryNeed = z.infer<typeof MemoryNeed>

/** Whether a model fits this machine; `sentence` has the numbers and what to do. */
export const Fit = z.object({
  fits: z.boolean(),
  need: MemoryNeed,
  memory: z.number(),
  downloadBytes: z.number(),
  disk: z.number(),
  /** Catalogue name of a smaller build that would fit, or null. */
  smaller: z.string().nullable(),
  sentence: z.string(),
})
export type Fit = z.infer<typeof Fit>

/** A tuned addition to a model, applied per request: `model@adapter`. */
export const AdapterCard = z.object({
  name: z.string(),
  model: z.string(),
  /** SHA-256 of the base weights it was made for. */
  base: z.string(),
  bytes: z.number(),
  rank: z.number().int(),
  alpha: z.number(),
  from: z.enum(['gguf', 'peft']),
  addedAt: z.iso.datetime(),
})
export type AdapterCard = z.infer<typeof AdapterCard>

/** One model as lists show it: an entry of the catalogue, something on disk, or a configured address. */
export const ModelCard = z.object({
  name: z.string(),
  title: z.string(),
  state: z.enum(['available', 'pulling', 'installed', 'remote']),
  chosen: z.boolean(),
  licence: z.string(),
  licenceUrl: z.string().nullable(),
  /** Where it comes from, e.g. `huggingface:OWNER/NAME`, `import`, or a base URL. */
  source: z.string(),
  revision: z.string().nullable(),
  roles: z.array(ModelRole),
  contextTokens: z.number().int().nullable(),
  seesImages: z.boolean(),
  files: z.array(ModelFile),
  bytes: z.number().nullable(),
  /** Memory it needs with the context it is served with, reckoned without reading the file; null where it is not known. */
  needBytes: z.number().nullable(),
  /** Whether that is there; null where it is not known, or the model runs elsewhere. */
  fits: z.boolean().nullable(),
  note: z.string(),
  adapters: z.array(AdapterCard),
  /** Agents of this house whose first prompt does not fit the model, one sentence each. */
  warnings: z.array(z.string()),
})
export type ModelCard = z.infer<typeof ModelCard>

/** A download under way, done or failed. A failed one is resumed by asking again. */
export const Pull = z.object({
  name: z.string(),
  state: z.enum(['checking', 'downloading', 'verifying', 'done', 'failed', 'cancelled']),
  file: z.string().nullable(),
  doneBytes: z.number(),
  totalBytes: z.number().nullable(),
  bytesPerSecond: z.number(),
  secondsLeft: z.number().nullable(),
  sentence: z.string().nullable(),
})
export type Pull = z.infer<typeof Pull>

/** What to read a picture as. */
export const LookKind = z.enum(['caption', 'style', 'moodboard', 'screenshot', 'ui', 'ocr'])
export type LookKind = z.infer<typeof LookKind>

export const PaletteColour = z.object({ hex: z.string(), name: z.string(), share: z.number() })
export type PaletteColour = z.infer<typeof PaletteColour>

/** What one picture says. Palette and size are computed; `answer` is the model's, checked against a schema. */
export const Look = z.object({
  file: z.string(),
  kind: LookKind,
  width: z.number().int(),
  height: z.number().int(),
  palette: z.array(PaletteColour),
  /** Lines of text found by OCR; null when it did not run. */
  lines: z.array(z.object({ text: z.string(), confidence: z.number() })).nullable(),
  answer: z.record(z.string(), z.unknown()).nullable(),
  /** Which model answered; null when only code looked. */
  model: z.string().nullable(),
  sentence: z.string(),
})
export type Look = z.infer<typeof Look>

const Said = z.object({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string(),
  /** Calls the assistant made; `arguments` is JSON text. */
  toolCalls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.string() })).default([]),
  toolCallId: z.string().nullable().default(null),
  /** Paths of pictures that belong to the message. */
  images: z.array(z.string()).default([]),
})

/** One decided trial as training material: what was asked, what was done, what the person made of it. */
export const TuneExample = z.object({
  /** Id of the decision it comes from. */
  id: z.string(),
  project: z.string(),
  /** Commit the work started from. */
  base: z.string(),
  contender: z.string(),
  prompt: z.string(),
  /** The agent's conversation where it was kept; empty when only prompt and diff are known. */
  messages: z.array(Said).default([]),
  tools: z.array(z.object({ name: z.string(), description: z.string(), parameters: z.unknown() })).default([]),
  verdict: z.enum(['accepted', 'edited', 'rejected']),
  /** The candidate as a patch. */
  diff: z.string(),
  /** What the person made of it, when edited: a patch against the same base. */
  edited: z.string().nullable().default(null),
  reason: z.string().default(''),
  at: z.iso.datetime(),
})
export type TuneExample = z.infer<typeof TuneExample>

export const TuneMethod = z.enum(['sft', 'dpo', 'kto'])
export type TuneMethod = z.infer<typeof TuneMethod>
export const Trainer = z.enum(['trl', 'axolotl', 'unsloth', 'openai'])
export type Trainer = z.infer<typeof Trainer>

export const TuneExportInput = z.object({
  methods: z.array(TuneMethod).default(['sft', 'dpo', 'kto']),
  trainers: z.array(Trainer).default(['trl', 'axolotl', 'unsloth', 'openai']),
  /** Only these projects; empty means all. */
  projects: z.array(z.string()).default([]),
  /** Name of the model to tune, written into the trainers' settings. */
  model: z.string().default('mistral-small-3.2'),
  /** Share of projects held back for the test split. */
  testShare: z.number().min(0).max(0.9).default(0.2),
  /** Longest conversation in tokens; longer ones are left out and counted. */
  maxTokens: z.number().int().positive().default(32_768),
})
export type TuneExportInput = z.infer<typeof TuneExportInput>

/** What an export wrote. */
export const TuneExport = z.object({
  files: z.array(z.object({ path: z.string(), text: z.string() })),
  counts: z.object({
    examples: z.number().int(),
    accepted: z.number().int(),
    edited: z.number().int(),
    rejected: z.number().int(),
    duplicates: z.number().int(),
    tooLong: z.number().int(),
    secrets: z.number().int(),
    sft: z.number().int(),
    dpo: z.number().int(),
    kto: z.number().int(),
  }),
})
export type TuneExport = z.infer<typeof TuneExport>
