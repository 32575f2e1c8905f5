// Every wire an agent may speak against every wire an endpoint may speak, whole and streamed.
import { afterEach, expect, test } from 'vitest'
import { framesOf, makeRig, type Rig, requests, wireNames } from './test-kit.ts'

let rig: Rig | undefined
afterEach(async () => {
  await rig?.close()
  rig = undefined
})

const script = {
  rules: [
    {
      when: { toolResults: 1, lastTool: 'contents of a', image: true, any: 'Be brief.' },
      text: 'Now I know, so I write.',
      calls: [{ name: 'read', args: { path: 'b/c.txt', deep: { list: [1, 'zwei'] } } }],
      usage: { input: 100, cacheRead: 40, output: 9 },
    },
  ],
}

for (const inbound of wireNames) {
  for (const upstream of wireNames) {
    for (const stream of [false, true]) {
      test(`${inbound} on ${upstream}, ${stream ? 'streamed' : 'whole'}`, async () => {
        rig = await makeRig({ wire: upstream, script })
        const response = await rig.send(inbound, requests[inbound].conversation, { stream })
        const text = await response.text()
        expect(response.status, text).toBe(200)
        const { read, readStream } = requests[inbound]
        expect(stream ? readStream(framesOf(text)) : read(JSON.parse(text))).toEqual({
          text: 'Now I know, so I write.',
          calls: [{ name: 'read', args: { path: 'b/c.txt', deep: { list: [1, 'zwei'] } } }],
          usage: [140, 40, 9],
        })

        const [seen] = rig.model.requests
        expect(seen).toMatchObject({
          wire: upstream,
          model: 'claude-opus-4-7',
          stream,
          tools: ['read'],
          images: 1,
          toolResults: 1,
          rule: 0,
        })
        expect(JSON.stringify(seen)).not.toContain(rig.token)
        expect(text).not.toContain('sk-the-real-key')
        expect(rig.ledger.open.size).toBe(0)
        expect(rig.ledger.settled).toEqual([
          // $5 per million fresh, $0.50 cached, $25 out
          { calls: 1, inputTokens: 100, cacheReadTokens: 40, cacheWriteTokens: 0, outputTokens: 9, micros: 745 },
        ])
        expect(rig.reports).toMatchObject([{ outcome: 'ok', status: 200, estimated: false, settled: true }])
      })
    }
  }
}
