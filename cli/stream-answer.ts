// Asks an OpenAI-compatible endpoint one question and yields the answer as it comes.
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { Refusal } from '@seatrial/protocol'

const mediaTypes: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
}

export async function* streamAnswer(
  endpoint: { baseUrl: string; apiKey: string; model: string },
  question: string,
  images: string[],
): AsyncGenerator<string> {
  const pictures = await Promise.all(
    images.map(async (path) => {
      const type = mediaTypes[extname(path).toLowerCase()]
      if (!type) throw new Refusal('bad_request', `${path} is not a PNG, JPEG, WebP or GIF picture.`)
      const bytes = await readFile(path).catch(() => {
        throw new Refusal('not_found', `There is no file ${path}.`)
      })
      return { type: 'image_url', image_url: { url: `data:${type};base64,${bytes.toString('base64')}` } }
    }),
  )
  const response = await fetch(`${endpoint.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${endpoint.apiKey}` },
    body: JSON.stringify({
      model: endpoint.model,
      stream: true,
      messages: [{ role: 'user', content: [...pictures, { type: 'text', text: question }] }],
    }),
  })
  if (!response.ok) {
    const body = (await response.json().catch(() => null)) as { error?: { message?: string } } | null
    throw new Refusal('unprocessable', body?.error?.message ?? `The model's endpoint answered ${response.status}.`)
  }
  let buffer = ''
  const decoder = new TextDecoder()
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    buffer += decoder.decode(bytes, { stream: true })
    const lines = buffer.split('\n')
    buffer = lines.pop() ?? ''
    for (const line of lines) {
      if (!line.startsWith('data: ') || line === 'data: [DONE]') continue
      const chunk = JSON.parse(line.slice(6)) as {
        choices?: { delta?: { content?: string } }[]
        error?: { message: string }
      }
      if (chunk.error) throw new Refusal('unavailable', chunk.error.message)
      const piece = chunk.choices?.[0]?.delta?.content
      if (piece) yield piece
    }
  }
}
