// How many tokens a request may come to, before and without the endpoint's own count.
import type { Json, Loose } from './neutral.ts'

const tokensPerPicture = 2000
/** Cautious until an endpoint has counted for us: source code comes to 3 to 4 bytes a token. */
export const cautiousBytesPerToken = 3
export const usualBytesPerToken = 4

export interface Weight {
  /** Bytes of text, pictures not counted. */
  bytes: number
  pictures: number
  /** Whether input may be kept for an hour, which costs more than keeping it for minutes. */
  keptLong: boolean
}

/** Weighs a request of any wire; `text` is the body as it is sent. */
export function weigh(body: Json, text: string): Weight {
  const pictures = picturesOf(body)
  const bytes = Buffer.byteLength(text) - pictures.reduce((sum, data) => sum + data.length, 0)
  return { bytes, pictures: pictures.length, keptLong: /"ttl":\s*"1h"/.test(text) }
}

/**
 * The data of all pictures. Only what stands where a wire has its pictures is one: anywhere else the same words are
 * text, and paid for as such.
 */
export function picturesOf(body: Json): string[] {
  const found: string[] = []
  const visit = (items: unknown): void => {
    for (const item of Array.isArray(items) ? items : []) {
      const data = pictureIn(item)
      if (data !== null) found.push(data)
      else for (const inner of [item?.content, item?.output, item?.parts, item?.functionResponse?.parts]) visit(inner)
    }
  }
  for (const messages of [body.messages, body.input, body.contents]) visit(messages)
  return found
}

function pictureIn(part: Loose): string | null {
  const url = part?.image_url?.url ?? part?.image_url
  if (part?.type === 'image_url' || part?.type === 'input_image') return typeof url === 'string' ? url : null
  const inline = part?.inlineData ?? part?.inline_data ?? (part?.type === 'image' ? part.source : undefined)
  const mediaType = inline?.mimeType ?? inline?.mime_type ?? inline?.media_type
  return typeof inline?.data === 'string' && /^image\//.test(mediaType) ? inline.data : null
}

export const tokensOf = (weight: Weight, bytesPerToken: number): number =>
  Math.ceil(Math.max(0, weight.bytes) / bytesPerToken) + weight.pictures * tokensPerPicture

/** The most output tokens that the request asks for, on any wire, or null. Of several names the largest counts. */
export function askedMaxTokens(body: Json): number | null {
  const asked = [
    body.max_completion_tokens,
    body.max_tokens,
    body.max_output_tokens,
    body.generationConfig?.maxOutputTokens,
  ].filter((value) => typeof value === 'number' && value > 0)
  return asked.length > 0 ? Math.max(...asked) : null
}
