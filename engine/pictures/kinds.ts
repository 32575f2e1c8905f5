// The ways to read a picture: what is asked, the shape the answer must have, and whether text is read beside it.
import type { LookKind } from '@seatrial/protocol'
import type { JsonSchema } from '../model-engine.ts'

export interface Kind {
  /** File under prompts/, or null when no model is asked. */
  prompt: string | null
  /** Null means prose, kept as `caption`. */
  schema: JsonSchema | null
  /** Read text by OCR: always, only when there is no model, or never. */
  ocr: 'always' | 'without-model' | 'never'
  /** Enough for the fullest answer the schema allows. */
  maxTokens: number
}

const text = (maxLength: number) => ({ type: 'string', maxLength })
const list = (items: JsonSchema, maxItems: number) => ({ type: 'array', items, maxItems })
const object = (properties: Record<string, JsonSchema>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
})
const keywords = list(text(40), 8)

export const kinds: Record<LookKind, Kind> = {
  caption: {
    prompt: 'caption',
    schema: null,
    ocr: 'without-model',
    maxTokens: 300,
  },
  style: {
    prompt: 'style',
    schema: object({
      medium: { enum: ['photo', 'illustration', 'painting', 'render', 'diagram', 'screenshot', 'text', 'other'] },
      mood: text(120),
      light: text(120),
      composition: text(200),
      keywords,
    }),
    ocr: 'never',
    maxTokens: 600,
  },
  moodboard: {
    prompt: 'moodboard',
    schema: object({ feeling: text(160), materials: list(text(40), 6), shapes: list(text(40), 6), keywords }),
    ocr: 'never',
    maxTokens: 600,
  },
  screenshot: {
    prompt: 'screenshot',
    schema: object({
      program: { enum: ['browser', 'editor', 'terminal', 'desktop', 'phone', 'other'] },
      activity: text(200),
      messages: list(text(200), 8),
      errors: list(text(300), 8),
    }),
    ocr: 'always',
    maxTokens: 1200,
  },
  ui: {
    prompt: 'ui',
    schema: object({
      layout: text(400),
      state: text(160),
      parts: list(
        object({
          kind: {
            enum: [
              'heading',
              'text',
              'button',
              'link',
              'field',
              'choice',
              'image',
              'icon',
              'list',
              'table',
              'menu',
              'other',
            ],
          },
          label: text(120),
        }),
        40,
      ),
    }),
    ocr: 'always',
    maxTokens: 2400,
  },
  ocr: { prompt: null, schema: null, ocr: 'always', maxTokens: 0 },
}

/** What several pictures are reduced to. */
export const summarySchema: JsonSchema = object({
  summary: text(600),
  shared: keywords,
  differences: list(text(120), 6),
})
export const summaryTokens = 800
