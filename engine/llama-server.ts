// `llama-server` as a supervised child: loopback, a random port and key, started at the first request, restarted with
// backoff after a crash. Used when the user has the binary; it is the fastest engine here.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
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

/** Flags for one model. A template of the catalogue must be a file, because shells and long arguments do not mix. */
export function flagsOf(model: LocalModel, options: LlamaServerOptions, port: number): string[] {
  return [
    ['--model', model.weights],
    model.projector === null ? [] : ['--mmproj', model.projector, '--image-max-tokens', `${options.mostImageTokens}`],
    ['--host', '127.0.0.1', '--port', `${port}`, '--jinja', '--no-webui'],
    ['--ctx-size', `${model.contextTokens * options.slots}`, '--parallel', `${options.slots}`],
    ['--threads', `${options.threads}`, '--n-gpu-layers', options.gpu ? '999' : '0'],
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

  async function start(): Promise<string> {
    const wait = restartAfter - Date.now()
    if (wait > 0) {
      throw new Refusal(
        'unavailable',
        `llama-server crashed and restarts in ${Math.ceil(wait / 1000)} s; try again then.`,
      )
    }
    const port = await freePort()
    // The key goes by the environment: arguments are visible to every user of the machine.
    const started = spawn(options.binary, flagsOf(model, options, port), {
      stdio: 'ignore',
      env: { ...options.env, LLAMA_API_KEY: apiKey },
    })
    child = started
    started.on('error', () => undefined)
    const gone = new Promise<never>((_, reject) => {
      started.once('close', (code, signal) => {
        if (child === started) {
          child = null
          starting = null
          crashes++
          restartAfter = Date.now() + Math.min(500 * 2 ** (crashes - 1), 30_000)
        }
        reject(new Refusal('unavailable', `llama-server stopped unexpectedly (${signal ?? `code ${code}`}).`))
      })
    })
    gone.catch(() => undefined)
    await Promise.race([gone, healthy(`http://127.0.0.1:${port}/health`, options.startMs)])
    crashes = 0
    return `http://127.0.0.1:${port}/v1`
  }

  return overHttp({
    kind: 'llama-server',
    apiKey,
    model: 'local',
    abilities: {
      contextTokens: model.contextTokens,
      seesImages: model.projector !== null,
      embeds: false,
      strictRoles: dialectOf(model.template?.source ?? '').strict,
    },
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
      if (options.adapters.length === 0) return { cache_prompt: true }
      return {
        cache_prompt: true,
        lora: options.adapters.map(({ name }, id) => ({ id, scale: name === adapter ? 1 : 0 })),
      }
    },
    processes: () => (child?.pid === undefined ? [] : [child.pid]),
    async close() {
      const ending = child
      child = null
      starting = null
      if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
      const gone = new Promise<void>((resolve) => ending.once('close', () => resolve()))
      ending.kill('SIGTERM')
      const hard = setTimeout(() => ending.kill('SIGKILL'), 5000)
      await gone
      clearTimeout(hard)
    },
  })
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
