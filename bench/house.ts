// What the house adds to an agent and what it holds while idle. node bench/house.ts [agent] [first-byte] [idle]
// Submit to the agent's first byte against the same agent started bare, interleaved; start-up and memory of an idle house
// as it is launched and on Node's defaults; memory of our own agent after a turn.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, createClient } from '@seatrial/protocol/client'
import { startScriptedModel } from '@seatrial/scripted/model'
import { houseNodeArgs, houseNodeEnv } from '../cli/house-launch.ts'
import { catalog } from '../server/agents/catalog.ts'
import { makeRepo, removeRepo, scriptedPrompt, unmountBelow } from '../tests/house.ts'

const rounds = 15
const idleMs = 30_000
const root = resolve(import.meta.dirname, '..')
const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const mib = (kib: number): string => `${(kib / 1024).toFixed(0)} MiB`

/** How a house may be launched: as `seatrial up` does it, and on Node's defaults. */
const launches = {
  'as launched': { args: houseNodeArgs, env: houseNodeEnv },
  "Node's defaults": { args: [] as string[], env: {} as Record<string, string> },
}

interface RunningHouse {
  pid: number
  client: Client
  startMs: number
  stop(): Promise<void>
}

async function startHouse(dataDir: string, launch: keyof typeof launches): Promise<RunningHouse> {
  const { args, env } = launches[launch]
  const started = performance.now()
  const child = spawn(process.execPath, [...args, join(root, 'server/main.ts')], {
    env: { ...process.env, ...env, SEATRIAL_HOME: dataDir, SEATRIAL_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const startMs = performance.now() - started
  const token = readFileSync(join(dataDir, 'token'), 'utf8').trim()
  return {
    pid: child.pid ?? 0,
    client: createClient({ baseUrl: (JSON.parse(line) as { url: string }).url, token }),
    startMs,
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** Resident and proportional memory in KiB; `peak` since the start. */
function memory(pid: number): { rss: number; pss: number; peak: number } {
  const read = (file: string, name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1])
  return { rss: read('smaps_rollup', 'Rss'), pss: read('smaps_rollup', 'Pss'), peak: read('status', 'VmHWM') }
}

async function measureIdle(launch: keyof typeof launches): Promise<void> {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'bench-house-')))
  try {
    for (const start of ['first start', 'later start']) {
      const house = await startHouse(dataDir, launch)
      await sleep(idleMs)
      const { rss, pss } = memory(house.pid)
      console.log(
        `idle, ${launch}, ${start}: up in ${house.startMs.toFixed(0)} ms; after ${idleMs / 1000} s RSS ${mib(rss)}, PSS ${mib(pss)}`,
      )
      await house.stop()
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const entryOf = (id: string) => {
  const entry = catalog.find((each) => each.id === id)
  if (entry?.program.from !== 'house') throw new Error(`${id} is not an agent of the house`)
  return { argv: [...(entry.nodeArgs ?? []), join(root, entry.program.file)], env: entry.env }
}

const hello = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: 1,
    clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
  },
}

/** Milliseconds from the start of a bare agent to its first byte: its answer to the first frame. */
async function bareFirstByte(agent: string, home: string): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, entryOf(agent).argv, {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.write(`${JSON.stringify(hello)}\n`)
  await once(child.stdout, 'data')
  const took = performance.now() - started
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  return took
}

/** Milliseconds from before the submission until the first byte of its agent is in the client's event stream. */
async function houseFirstByte(client: Client, agent: string, project: string, prompt: string): Promise<number> {
  const started = performance.now()
  const task = await client.submitTask({ body: { project, prompt, contenders: [agent] } })
  let took = Number.NaN
  const stop = new AbortController()
  for await (const { body } of client.follow({ after: 0, task: task.id, signal: stop.signal })) {
    if (body.type === 'agent.started') took = performance.now() - started
    // The next round starts when this one rests.
    if (body.type === 'task.moved' && body.to !== 'working') stop.abort()
  }
  return took
}

async function measureFirstByte(client: Client, place: string): Promise<void> {
  const project = await makeRepo({ 'notes.md': 'one\n', 'package.json': '{"name":"bench","private":true}\n' })
  const home = join(place, 'bare-home')
  mkdirSync(home, { recursive: true })
  const prompts: Record<string, string> = {
    scripted: scriptedPrompt('Write', [{ do: 'write', path: 'new.txt', text: 'new\n' }]),
    refactor: 'verify',
  }
  try {
    for (const [agent, prompt] of Object.entries(prompts)) {
      const bare: number[] = []
      const through: number[] = []
      await houseFirstByte(client, agent, project, prompt) // builds the base layer
      for (let round = 0; round < rounds; round++) {
        bare.push(await bareFirstByte(agent, home))
        through.push(await houseFirstByte(client, agent, project, prompt))
      }
      const [plain, housed] = [median(bare), median(through)]
      const most = 1.1 * plain + 150
      console.log(
        `first byte, ${agent}: bare ${plain.toFixed(0)} ms, submit to first byte ${housed.toFixed(0)} ms; ` +
          `1.1x + 150 ms is ${most.toFixed(0)} ms: ${(housed / most).toFixed(2)} of the target (at most 1)`,
      )
    }
  } finally {
    await removeRepo(project)
  }
}

/** One turn of our own agent on a scripted model: two steps and an answer. */
async function measureAgent(place: string): Promise<void> {
  const model = await startScriptedModel({
    script: JSON.parse(readFileSync(join(root, 'demo/model.json'), 'utf8')),
  })
  const home = join(place, 'agent-home')
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'notes.md'), 'one\n')
  const { argv, env } = entryOf('seatrial')
  const child = spawn(process.execPath, argv, {
    cwd: home,
    env: {
      ...Object.fromEntries(Object.entries(env).filter(([, text]) => !text.includes('{{'))),
      PATH: process.env.PATH,
      HOME: home,
      AGENT_BASE_URL: `${model.url}/v1`,
      AGENT_API_KEY: 'none',
      AGENT_MODEL: 'scripted',
      AGENT_CONTEXT_TOKENS: '32000',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const answers = new Map<number, (result: Record<string, unknown>) => void>()
  createInterface(child.stdout).on('line', (line) => {
    const frame = JSON.parse(line) as {
      id?: number
      method?: string
      result?: Record<string, unknown>
      error?: unknown
    }
    if (frame.error) throw new Error(`The agent refused: ${line}`)
    if (frame.id !== undefined && !frame.method) answers.get(frame.id)?.(frame.result ?? {})
  })
  const ask = (id: number, method: string, params: object): Promise<Record<string, unknown>> => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
    return new Promise((settle) => answers.set(id, settle))
  }
  try {
    await ask(1, 'initialize', hello.params)
    const idle = memory(child.pid ?? 0)
    const { sessionId } = await ask(2, 'session/new', { cwd: home, mcpServers: [] })
    const ended = await ask(3, 'session/prompt', {
      sessionId,
      prompt: [{ type: 'text', text: 'The test "the total counts every line" fails.' }],
    })
    const { rss, pss, peak } = memory(child.pid ?? 0)
    console.log(
      `own agent: RSS ${mib(idle.rss)} when it answers first, ${mib(rss)} after a turn (${String(ended.stopReason)}), PSS ${mib(pss)}, peak RSS ${mib(peak)}`,
    )
  } finally {
    child.kill('SIGKILL')
    await model.close()
  }
}

const place = realpathSync(mkdtempSync(join(tmpdir(), 'bench-house-')))
const parts = {
  agent: () => measureAgent(place),
  async 'first-byte'() {
    const house = await startHouse(place, 'as launched')
    try {
      await measureFirstByte(house.client, place)
    } finally {
      await house.stop()
    }
  },
  async idle() {
    for (const launch of Object.keys(launches)) await measureIdle(launch as keyof typeof launches)
  },
}
const asked = process.argv.slice(2)
try {
  for (const [name, measure] of Object.entries(parts)) {
    if (asked.length > 0 && !asked.includes(name)) continue
    console.log(`${name}, load ${loadavg()[0]?.toFixed(1)}`)
    await measure()
  }
} finally {
  await unmountBelow(place)
  rmSync(place, { recursive: true, force: true })
}
