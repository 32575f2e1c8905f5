// The model endpoint against the engine library called directly: CPU time at one thread, interleaved, medians.
// Usage: node bench/engine.ts [ROUNDS]
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { render } from '../engine/chat/template.ts'
import { readGgufFile } from '../engine/gguf/read.ts'
import { openEngine } from '../engine/index.ts'
import { templateOf } from '../engine/shelf/load.ts'
import { words, writeRandomModel } from './engine/random-model.ts'

const rounds = Number(process.argv[2] ?? 5)
const promptWords = 256
const decodeTokens = 48

const cache = fileURLToPath(new URL('../.cache/', import.meta.url))
const weights = join(cache, 'random-300m.gguf')
await mkdir(cache, { recursive: true })
if (!existsSync(weights)) {
  await writeRandomModel(`${weights}.new`)
  await rename(`${weights}.new`, weights)
}
const dataDir = await mkdtemp(join(tmpdir(), 'seatrial-bench-'))
const importing = await openEngine({ dataDir })
await importing.import({ path: weights, name: 'random' })
await importing.close()
const template = templateOf(await readGgufFile(weights), null)!

const start = async (file: string, argument: string) => {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [argument])
  const [first] = await once(child, 'message')
  return { child, first }
}
const direct = await start('./engine/direct.ts', weights)
const served = await start('./engine/served.ts', dataDir)
const houseBefore = rss(served.child.pid!)

interface Way {
  run(prompt: string, tokens: number): Promise<number>
  processes(): Promise<number[]>
}
const ways: Record<'direct' | 'served' | 'gateway', Way> = {
  direct: {
    async run(prompt, tokens) {
      const text = render(
        template,
        [{ role: 'user', content: [{ type: 'text', text: prompt }], toolCalls: [], toolCallId: null }],
        [],
      )
      direct.child.send({ prompt: text.map((segment) => segment.text).join(''), tokens })
      return (await once(direct.child, 'message'))[0].tokens
    },
    processes: async () => [direct.child.pid!],
  },
  served: overHttp(served.first.endpoint),
  gateway: overHttp(served.first.gateway),
}

function overHttp({ url, key }: { url: string; key: string }): Way {
  return {
    async run(prompt, tokens) {
      const response = await fetch(`${url}/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'random',
          stream: true,
          stream_options: { include_usage: true },
          temperature: 1,
          top_p: 1,
          seed: 7,
          max_tokens: tokens,
          messages: [{ role: 'user', content: prompt }],
        }),
      })
      const text = await response.text()
      const usage = /"completion_tokens":(\d+)/.exec(text)
      if (!usage) throw new Error(`no answer: ${text.slice(0, 300)}`)
      return Number(usage[1])
    },
    async processes() {
      served.child.send('processes')
      return [served.child.pid!, ...(await once(served.child, 'message'))[0].processes]
    },
  }
}

/** CPU milliseconds of one run, per `per` (tokens written when left out). */
async function cost(way: Way, prompt: string, tokens: number, per?: number): Promise<number> {
  const processes = await way.processes()
  const before = cpuMs(processes)
  const written = await way.run(prompt, tokens)
  return (cpuMs(processes) - before) / (per ?? written)
}

let seed = 1
const newPrompt = () =>
  Array.from({ length: promptWords }, () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return words[seed % words.length]
  }).join(' ')

const figures: Record<keyof typeof ways, Record<'prefill' | 'again' | 'decode', number[]>> = {
  direct: { prefill: [], again: [], decode: [] },
  served: { prefill: [], again: [], decode: [] },
  gateway: { prefill: [], again: [], decode: [] },
}
for (const way of Object.values(ways)) await way.run('warm up', 2)
for (let round = 0; round < rounds; round++) {
  const names = Object.keys(ways) as (keyof typeof ways)[]
  if (round % 2 === 1) names.reverse()
  for (const name of names) {
    const prompt = newPrompt()
    figures[name].prefill.push(await cost(ways[name], prompt, 1, promptWords))
    figures[name].again.push(await cost(ways[name], prompt, 1, promptWords))
    figures[name].decode.push(await cost(ways[name], prompt, decodeTokens))
  }
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
/** Median of the rounds' own ratios: what disturbs one round disturbs both sides of it. */
const ratio = (a: number[], b: number[]) => median(a.map((value, i) => value / b[i]!))
const { direct: d, served: s, gateway: g } = figures
const [house, native] = (await ways.served.processes()) as [number, number]
const ms = (value: number) => value.toFixed(2)
console.log(
  `${rounds} rounds, ${promptWords} words in, ${decodeTokens} tokens out, 1 thread, CPU ms per token (medians)`,
)
for (const [name, figure] of Object.entries(figures)) {
  console.log(
    `${name.padEnd(8)} prefill ${ms(median(figure.prefill))}  again ${ms(median(figure.again))}  decode ${ms(median(figure.decode))}`,
  )
}
console.log(
  `served / library        decode ${ratio(d.decode, s.decode).toFixed(3)}  prefill ${ratio(d.prefill, s.prefill).toFixed(3)}  (at least 0.95)`,
)
console.log(
  `gateway / served        decode ${ratio(s.decode, g.decode).toFixed(3)}  prefill ${ratio(s.prefill, g.prefill).toFixed(3)}  (at least 0.97)`,
)
console.log(`repeated prefix         ${ratio(s.again, s.prefill).toFixed(3)} of the first  (at most 0.2)`)
console.log(
  `memory, engine process  ${(rss(native) / rss(direct.child.pid!)).toFixed(3)} of the library's  (at most 1.05)`,
)
console.log(
  `house process           ${mega(houseBefore)} MB before, ${mega(rss(house))} MB after; library's process ${mega(rss(direct.child.pid!))} MB`,
)

for (const child of [direct.child, served.child]) await stop(child)
await rm(dataDir, { recursive: true })

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

function cpuMs(processes: number[]): number {
  let nanoseconds = 0
  for (const pid of processes) {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0])
    }
  }
  return nanoseconds / 1e6
}

function rss(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024
}

function mega(bytes: number): number {
  return Math.round(bytes / 1e6)
}
