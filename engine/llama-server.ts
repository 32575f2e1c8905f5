// `llama-server` as a supervised child: loopback, a random port and key, started at the first request, restarted with
// backoff after a crash. Used when the user has the binary; it is the fastest engine here.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { Refusal } from '@seatrial/protocol'
import { dialectOf } from './chat/dialects.ts'
import type { LocalModel, LocalSettings } from './in-process.ts'
import type { ModelEngine } from './model-engine.ts'
import { overHttp } from './over-http.ts'

export interface LlamaServerOptions extends LocalSettings {
  binary: string
  /** Name and path of every adapter, loaded at start and worn per request. */
  adapters: { name: string; path: string }[]
  startMs: number
}

/** The first `llama-server` on a PATH that may be run, or null. */
export async function findLlamaServer(searchPath: string): Promise<string | null> {
  for (const folder of searchPath.split(delimiter).filter((each) => each !== '')) {
    const path = join(folder, process.platform === 'win32' ? 'llama-server.exe' : 'llama-server')
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return path
  }
  return null
}

/** Memory for conversations that lost their slot, in MiB; the server's own default is eight times as much. */
const idleCacheMb = 1024

/** Flags for one model. `knows` tells which of the newer flags this binary has. */
export function flagsOf(
  model: LocalModel,
  options: LlamaServerOptions,
  port: number,
  knows: (flag: string) => boolean,
): string[] {
  const { trained } = model
  // It holds a slot to what the weights were trained for, whatever context a person asked for.
  const longer = trained !== null && model.contextTokens > trained.tokens
  return [
    ['--model', model.weights],
    longer ? ['--override-kv', `${trained.key}=int:${model.contextTokens}`] : [],
    model.projector === null ? [] : ['--mmproj', model.projector, '--image-max-tokens', `${options.mostImageTokens}`],
    ['--host', '127.0.0.1', '--port', `${port}`, '--jinja', '--no-webui'],
    model.templateFile === null ? [] : ['--chat-template-file', model.templateFile],
    ['--ctx-size', `${model.contextTokens * options.slots}`, '--parallel', `${options.slots}`],
    ['--threads', `${options.threads}`],
    options.gpu === null ? [] : ['--n-gpu-layers', options.gpu ? '999' : '0'],
    knows('--cache-ram') ? ['--cache-ram', `${idleCacheMb}`] : [],
    ...options.adapters.map(({ path }) => ['--lora', path]),
    options.adapters.length > 0 ? ['--lora-init-without-apply'] : [],
  ].flat()
}

export function llamaServer(model: LocalModel, options: LlamaServerOptions): ModelEngine {
  const apiKey = randomBytes(24).toString('hex')
  let child: ChildProcess | null = null
  let starting: Promise<string> | null = null
  let crashes = 0
  let restartAfter = 0
  let busy = 0
  let idle: NodeJS.Timeout | null = null
  let help: Promise<string> | null = null

  async function start(): Promise<string> {
    const wait = restartAfter - Date.now()
    if (wait > 0) {
      throw new Refusal(
        'unavailable',
        `llama-server crashed and restarts in ${Math.ceil(wait / 1000)} s; try again then.`,
      )
    }
    help ??= helpOf(options.binary, options.env)
    const text = await help
    const port = await freePort()
    const flags = flagsOf(model, options, port, (flag) => text.includes(flag))
    // The key goes by the environment: arguments are visible to every user of the machine.
    const env = { ...options.env, LLAMA_API_KEY: apiKey }
    const started = spawn(options.binary, flags, { stdio: ['ignore', 'ignore', 'pipe'], env })
    child = started
    const complaint = lastComplaint(started)
    const gone = new Promise<never>((_, reject) => {
      started.once('close', (code, signal) => {
        if (child === started) {
          child = null
          starting = null
          crashes++
          restartAfter = Date.now() + Math.min(500 * 2 ** (crashes - 1), 30_000)
        }
        const why = complaint()
        const how = signal ?? `code ${code}`
        reject(new Refusal('unavailable', `llama-server stopped unexpectedly (${how})${why ? `: ${why}` : ''}.`))
      })
    })
    gone.catch(() => undefined)
    await Promise.race([gone, healthy(`http://127.0.0.1:${port}/health`, options.startMs)])
    crashes = 0
    return `http://127.0.0.1:${port}/v1`
  }

  async function end(): Promise<void> {
    if (idle) clearTimeout(idle)
    const ending = child
    child = null
    starting = null
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = new Promise<void>((resolve) => ending.once('close', () => resolve()))
    ending.kill('SIGTERM')
    const hard = setTimeout(() => ending.kill('SIGKILL'), 5000)
    await gone
    clearTimeout(hard)
  }

  /** While one of these is open the server is needed; some time after the last, its memory is given back. */
  function hold(): () => void {
    busy++
    if (idle) clearTimeout(idle)
    return () => {
      busy--
      if (busy === 0) idle = setTimeout(() => void end(), options.idleMs).unref()
    }
  }

  const server = overHttp({
    kind: 'llama-server',
    apiKey: async () => apiKey,
    model: 'local',
    abilities: {
      contextTokens: model.contextTokens,
      seesImages: model.projector !== null,
      embeds: false,
      strictRoles: dialectOf(model.template?.source ?? '').strict,
    },
    controls: model.template?.controls ?? new Set(),
    async baseUrl() {
      starting ??= start()
      try {
        return await starting
      } catch (error) {
        starting = null
        throw error
      }
    },
    // Always said in full: a server started with adapters applies them to requests that do not mention them.
    wear(adapter) {
      if (adapter !== null && !options.adapters.some(({ name }) => name === adapter)) {
        throw new Refusal('not_found', `This model has no adapter "${adapter}".`)
      }
      return {
        cache_prompt: true,
        return_progress: true,
        chat_template_kwargs: { enable_thinking: false },
        ...(options.adapters.length === 0
          ? {}
          : { lora: options.adapters.map(({ name }, id) => ({ id, scale: name === adapter ? 1 : 0 })) }),
      }
    },
    processes: () => (child?.pid === undefined ? [] : [child.pid]),
    close: end,
  })
  return {
    ...server,
    async *chat(request, signal) {
      const release = hold()
      try {
        yield* server.chat(request, signal)
      } finally {
        release()
      }
    },
  }
}

/** What the binary says it can do; empty when it does not say. */
async function helpOf(binary: string, env: Record<string, string>): Promise<string> {
  const run = promisify(execFile)
  return run(binary, ['--help'], { env, timeout: 10_000, maxBuffer: 8 << 20 }).then(
    ({ stdout, stderr }) => stdout + stderr,
    () => '',
  )
}

/** Reads what the server writes, so that it never waits for a reader, and keeps its last complaint. */
function lastComplaint(child: ChildProcess): () => string | null {
  let complaint: string | null = null
  let rest = ''
  child.once('error', (error) => {
    complaint = error.message
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = (lines.pop() ?? '').slice(-2000)
    for (const line of lines) {
      // `0.00.028.884 E srv    load_model: failed ...` or `error: invalid argument: ...`
      const said = /^(?:[\d.]+ E )?(.*\b(?:error|failed|invalid|unable|cannot)\b.*)$/i.exec(line)?.[1]
      if (said && !/exiting due to/.test(said))
        complaint = said
          .replace(/^\w+\s+\w+: /, '')
          .trim()
          .slice(0, 300)
    }
  })
  return () => complaint
}

async function healthy(url: string, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs
  while (Date.now() < deadline) {
    const response = await fetch(url).catch(() => null)
    await response?.body?.cancel()
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Refusal('unavailable', `llama-server was not ready within ${withinMs / 1000} s.`)
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}
