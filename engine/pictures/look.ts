// Reads a picture as a caption, a style, a screenshot and so on. What can be computed is computed; the model is asked for
// the rest, under a schema; without a model that sees, code and OCR still say what they can.
import { readFile } from 'node:fs/promises'
import { type Look, type LookKind, Refusal } from '@seatrial/protocol'
import { answer } from '../chat/answer.ts'
import type { ChatRequest, JsonSchema, Message } from '../model-engine.ts'
import type { Served } from '../serve/app.ts'
import { kinds, summarySchema, summaryTokens } from './kinds.ts'
import type { Ocr, OcrLine } from './ocr.ts'
import { mergePalettes, paletteOf } from './palette.ts'
import { judgePicture, pictureForEngine, readPicture } from './read.ts'

export interface LookInput {
  file: string
  bytes: Uint8Array
  kind: LookKind
  /** A model that sees, or null. */
  served: Served | null
  ocr: Ocr
  mostImageTokens: number
  signal: AbortSignal
}

/** Long enough to count colours. */
const paletteSide = 256

export async function look(input: LookInput): Promise<Look> {
  const { file, bytes, kind, served, signal } = input
  const head = judgePicture(bytes, null, file)
  const palette = paletteOf(await readPicture(bytes, { longestSide: paletteSide, name: file }))
  const { prompt, schema, ocr, maxTokens } = kinds[kind]
  const asked = prompt === null ? null : served
  const wantsText = ocr === 'always' || (ocr === 'without-model' && asked === null)
  const lines = wantsText ? await input.ocr.read(bytes) : null
  const found = asked ? await ask(asked, await question(prompt!, input, lines), schema, maxTokens, signal) : null
  const { width, height } = head
  const model = found ? asked!.name : null
  const seen = { file, kind, width, height, palette, lines, answer: found, model }
  return { ...seen, sentence: sentenceOf(seen) }
}

/** Reduces what several pictures say to one; palettes are merged by code, words by the model when there is one. */
export async function summarise(looks: Look[], served: Served | null, signal: AbortSignal): Promise<Look> {
  const palette = mergePalettes(looks.map((each) => each.palette))
  const answers = looks.flatMap(({ answer: said }) => (said ? [said] : []))
  const found =
    served && answers.length > 0
      ? await ask(
          served,
          [
            {
              type: 'text',
              text: `${await promptText('summary')}\n\n${answers.map((said) => JSON.stringify(said)).join('\n')}`,
            },
          ],
          summarySchema,
          summaryTokens,
          signal,
        )
      : null
  const colours = palette.map(({ name, hex }) => `${name} ${hex}`).join(', ')
  const words = typeof found?.summary === 'string' ? ` ${found.summary}` : ''
  return {
    file: `${looks.length} pictures`,
    kind: looks[0]?.kind ?? 'moodboard',
    width: 0,
    height: 0,
    palette,
    lines: null,
    answer: found,
    model: found ? served!.name : null,
    sentence: `${looks.length} pictures, mostly ${colours}.${words}`,
  }
}

async function question(prompt: string, input: LookInput, lines: OcrLine[] | null): Promise<Message['content']> {
  const data = await pictureForEngine(input.bytes, { claimed: null, mostTokens: input.mostImageTokens })
  const read = lines?.length ? `\n\nText found in it:\n${lines.map(({ text }) => text).join('\n')}` : ''
  return [
    { type: 'picture', data, mediaType: 'image/png' },
    { type: 'text', text: (await promptText(prompt)) + read },
  ]
}

async function promptText(name: string): Promise<string> {
  return (await readFile(new URL(`./prompts/${name}.md`, import.meta.url), 'utf8')).trim()
}

async function ask(
  served: Served,
  content: Message['content'],
  schema: JsonSchema | null,
  maxTokens: number,
  signal: AbortSignal,
): Promise<Record<string, unknown> | null> {
  const request: ChatRequest = {
    messages: [{ role: 'user', content, toolCalls: [], toolCallId: null }],
    tools: [],
    toolChoice: 'none',
    schema,
    temperature: 0,
    topP: 1,
    seed: 1,
    maxTokens,
    stop: [],
    adapter: served.adapter,
  }
  const leave = await served.line.enter(signal)
  try {
    let text = ''
    for await (const piece of answer(served.engine, request, signal)) if (piece.type === 'text') text += piece.text
    return schema === null ? { caption: text.trim() } : (JSON.parse(text) as Record<string, unknown>)
  } catch (error) {
    // Half an answer, or one that does not meet the schema after two tries, is none; what code found still stands.
    const noAnswer = error instanceof SyntaxError || (error instanceof Refusal && error.code === 'unprocessable')
    if (noAnswer) return null
    throw error
  } finally {
    leave()
  }
}

function sentenceOf(seen: Omit<Look, 'sentence'>): string {
  const colours = seen.palette.slice(0, 3).map(({ name, hex, share }) => `${name} ${hex} (${Math.round(share * 100)}%)`)
  const size = `${seen.width} x ${seen.height}, mostly ${colours.join(', ')}`
  const caption = seen.answer?.caption
  const said = typeof caption === 'string' ? caption : null
  const read =
    seen.lines === null ? '' : ` ${seen.lines.length === 0 ? 'No text' : `${seen.lines.length} lines of text`} in it.`
  return `${said ? `${said} ` : ''}${size}.${read}`
}
