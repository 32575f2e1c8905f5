// Runs one shell command in a sandbox: output kept to its tail, ended by its deadline with everything it started.
import type { Sandbox } from '../sandbox/sandbox.ts'

const mostOutputBytes = 2 * 1024 * 1024

export interface CommandResult {
  exitCode: number | null
  timedOut: boolean
  /** Standard output and error as they came, at most the last 2 MiB. */
  output: string
  durationMs: number
}

export interface RunInsideOptions {
  /** Relative to the tree's root. */
  cwd: string
  timeoutMs: number
  env?: Record<string, string>
  signal?: AbortSignal
}

export async function runInside(sandbox: Sandbox, command: string, options: RunInsideOptions): Promise<CommandResult> {
  const started = performance.now()
  const child = await sandbox.spawn(['/bin/sh', '-c', command], {
    cwd: options.cwd,
    ...(options.env ? { env: options.env } : {}),
  })
  child.stdin.end()
  const chunks: Buffer[] = []
  let kept = 0
  const keep = (chunk: Buffer): void => {
    chunks.push(chunk)
    kept += chunk.length
    while (kept > mostOutputBytes && chunks.length > 1) kept -= chunks.shift()?.length ?? 0
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    void child.kill()
  }, options.timeoutMs)
  const onAbort = (): void => void child.kill()
  options.signal?.addEventListener('abort', onAbort, { once: true })
  const { code } = await child.exited
  clearTimeout(timer)
  options.signal?.removeEventListener('abort', onAbort)
  return {
    exitCode: timedOut ? null : code,
    timedOut,
    output: Buffer.concat(chunks).toString('utf8'),
    durationMs: performance.now() - started,
  }
}

const mostFileBytes = 32 * 1024 * 1024

/** Text of a file as processes of the sandbox see it (no link leads the house astray); null when it is not there. */
export async function readInside(sandbox: Sandbox, path: string): Promise<string | null> {
  const child = await sandbox.spawn(['head', '-c', String(mostFileBytes), '--', path])
  child.stdin.end()
  child.stderr.on('data', () => {})
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const { code } = await child.exited
  return code === 0 ? Buffer.concat(chunks).toString('utf8') : null
}
