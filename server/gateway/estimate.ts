// How many tokens a request may come to, before and without the endpoint's own count.
import type { Json } from './neutral.ts'

const tokensPerPicture = 2000
/** Cautious until an endpoint has counted for us: source code comes to 3 to 4 bytes a token. */
export const cautiousBytesPerToken = 3
export const usualBytesPerToken = 4

export interface Weight {
  /** Bytes of text, pictures not counted. */
  bytes: number
  pictures: number
}

/** Weighs a request body of any wire. Only what the wires mark as a picture counts as one. */
export function weigh(body: Json, text: string): Weight {
  const weight: Weight = { bytes: Buffer.byteLength(text), pictures: 0 }
  const picture = (data: string): void => {
    weight.bytes -= data.length
    weight.pictures++
  }
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    else if (value !== null && typeof value === 'object') {
      const fields = value as Json
      const type = fields.mimeType ?? fields.mime_type ?? fields.media_type
      if (typeof fields.data === 'string' && /^image\//.test(type ?? '')) picture(fields.data)
      for (const inner of Object.values(fields)) visit(inner)
    } else if (typeof value === 'string' && /^data:image\/[\w.+-]+;base64,/.test(value)) picture(value)
  }
  visit(body)
  return weight
}

export const tokensOf = (weight: Weight, bytesPerToken: number): number =>
  Math.ceil(Math.max(0, weight.bytes) / bytesPerToken) + weight.pictures * tokensPerPicture

/** The most output tokens that the request asks for, on any wire, or null. */
export function askedMaxTokens(body: Json): number | null {
  const asked =
    body.max_completion_tokens ?? body.max_tokens ?? body.max_output_tokens ?? body.generationConfig?.maxOutputTokens
  return typeof asked === 'number' && asked > 0 ? asked : null
}
