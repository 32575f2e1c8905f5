// Whatever is said on a wire is read back from it, however the stream is cut up.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AnswerEvent, type Call, emptyRequest, fold, type Message, type NeutralRequest } from './neutral.ts'
import { createFrameReader, readFrames } from './sse.ts'
import { wireNames } from './test-kit.ts'
import { wires } from './wires/table.ts'

const endpoint = {
  name: 'm',
  wire: 'openai-chat' as const,
  baseUrl: 'http://127.0.0.1',
  model: 'm',
  apiKey: null,
  provider: null,
  free: true,
  contextTokens: null,
  seesImages: true,
  worn: null,
}

const text = fc.oneof(
  fc.string({ minLength: 1, unit: 'grapheme' }).filter((one) => one.trim() !== ''),
  fc.constantFrom('data: x\n\n', 'event: done\r\n\r\n', '[DONE]', '{"choices": [], "usage": {}}', '\u2028 ü 🚢'),
)
const args = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,6}$/),
  fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text, { maxLength: 3 })),
  { maxKeys: 3 },
)
const name = fc.stringMatching(/^[a-z_]{1,12}$/)
const makeCall = (index: number) =>
  fc
    .record({ name, args: args.map((one) => JSON.stringify(one)) })
    .map((call): Call => ({ id: `call_${index}`, ...call }))
const calls = fc
  .integer({ min: 0, max: 3 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => makeCall(index))))

/** The answer as events, its texts cut at will. */
const answers = fc
  .record({ reasoning: fc.option(text), text: fc.option(text), calls, cut: fc.integer({ min: 1, max: 7 }) })
  .map(({ cut, ...one }) => {
    const pieces = (whole: string): string[] => whole.match(new RegExp(`[\\s\\S]{1,${cut}}`, 'gu')) ?? []
    const events: AnswerEvent[] = [
      ...pieces(one.reasoning ?? '').map((delta) => ({ kind: 'reasoning' as const, delta })),
      ...pieces(one.text ?? '').map((delta) => ({ kind: 'text' as const, delta })),
      ...one.calls.flatMap((call, index): AnswerEvent[] => [
        { kind: 'call', index, id: call.id, name: call.name },
        ...pieces(call.args).map((delta) => ({ kind: 'args' as const, index, delta })),
      ]),
      { kind: 'usage', count: { input: 11, cacheRead: 5, cacheWrite: 0, cacheWrite1h: 0, output: 7 } },
      { kind: 'finish', reason: one.calls.length > 0 ? 'tool' : 'stop' },
    ]
    return events
  })

const parsed = (answer: ReturnType<typeof fold>) => ({
  ...answer,
  calls: answer.calls.map((call) => ({ ...call, args: JSON.parse(call.args) })),
})

describe.each(wireNames)('%s', (wireName) => {
  const wire = wires[wireName]

  test('answers, whole', () => {
    fc.assert(
      fc.property(answers, (events) => {
        const body = JSON.parse(JSON.stringify(wire.writeAnswer(events, emptyRequest, 'm')))
        expect(parsed(fold(wire.readAnswer(body)))).toEqual(parsed(fold(events)))
      }),
    )
  })

  test('answers, streamed and cut at any byte', () => {
    fc.assert(
      fc.property(answers, fc.integer({ min: 1, max: 97 }), (events, size) => {
        const writer = wire.createWriter({ ...emptyRequest, wantsUsage: true }, 'm')
        const bytes = Buffer.from(events.map((event) => writer.write(event)).join('') + writer.end())
        const frames = createFrameReader()
        const read = wire.createReader()
        const seen: AnswerEvent[] = []
        for (let at = 0; at < bytes.length; at += size) {
          const whole = frames.push(bytes.subarray(at, at + size))
          for (const { frame } of whole ? readFrames(whole) : []) seen.push(...read(frame))
        }
        expect(frames.rest()).toBeNull()
        expect(parsed(fold(seen))).toEqual(parsed(fold(events)))
      }),
    )
  })

  test('requests', () => {
    const turn = fc.record({ ask: text, say: text, calls, results: fc.array(text, { minLength: 3, maxLength: 3 }) })
    const conversation = fc.array(turn, { minLength: 1, maxLength: 3 }).map((turns) =>
      turns.flatMap(({ ask, say, calls: made, results }, round): Message[] => {
        const own = made.map((call) => ({ ...call, id: `${call.id}_${round}` }))
        return [
          {
            role: 'user',
            parts: [
              { kind: 'text', text: ask },
              { kind: 'image', mediaType: 'image/png', data: 'QUJD' },
            ],
          },
          { role: 'assistant', text: say, calls: own },
          ...own.map((call, index): Message => {
            const result = { kind: 'text' as const, text: results[index]! }
            return { role: 'tool', id: call.id, name: call.name, parts: [result], failed: false }
          }),
        ]
      }),
    )
    // Two assistant turns in a row are one, which some wires cannot tell apart.
    const ends = conversation.map((messages): Message[] => [
      ...messages,
      { role: 'user', parts: [{ kind: 'text', text: 'end' }] },
    ])
    fc.assert(
      fc.property(
        ends,
        text,
        args,
        fc.option(fc.integer({ min: 1, max: 9999 })),
        (messages, system, schema, maxTokens) => {
          const request: NeutralRequest = {
            ...emptyRequest,
            asked: 'm',
            system: [system],
            messages,
            tools: [
              {
                name: 'tool',
                description: 'd',
                schema: { type: 'object', default: schema },
                freeText: false,
                inner: null,
              },
            ],
            maxTokens,
            temperature: 0.5,
          }
          const body = JSON.parse(JSON.stringify(wire.writeRequest(request, endpoint).body))
          const read = wire.readRequest(body)
          expect(separate(read.messages)).toEqual(separate(messages))
          expect(read).toMatchObject({ system: [system], tools: request.tools, toolChoice: 'auto', temperature: 0.5 })
          if (maxTokens !== null) expect(read.maxTokens).toBe(maxTokens)
        },
      ),
    )
  })
})

/** Users' parts one by one, since some wires merge neighbouring messages; arguments as values. */
const separate = (messages: Message[]) =>
  messages.flatMap((message): unknown[] => {
    if (message.role === 'user') return message.parts
    if (message.role === 'tool') return [message]
    return [{ ...message, calls: message.calls.map((call) => ({ ...call, args: JSON.parse(call.args) })) }]
  })
