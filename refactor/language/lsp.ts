// A small client for any language server on stdio: start, request with a deadline, stop for sure.
import { type ChildProcess, spawn } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node'

export type Lsp = {
  request<T>(method: string, params: unknown): Promise<T>
  notify(method: string, params: unknown): Promise<void>
  close(): Promise<void>
}

const requestTimeoutMs = 300_000

/** `settings` by section, as the server asks for them. Rejects when the server cannot start, dies, or does not answer in time. */
export async function startLsp(
  argv: string[],
  root: string,
  capabilities: unknown,
  settings: Readonly<Record<string, unknown>>,
): Promise<Lsp> {
  const child = spawn(argv[0]!, argv.slice(1), { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-2000)
  })
  child.stdin.on('error', () => {})
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  )
  connection.onError(() => {})
  const died = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      reject(new Error(`language server ended (${code ?? signal}): ${stderr.trim().slice(-300)}`)),
    )
  })
  died.catch(() => {})
  connection.onRequest('workspace/configuration', (params: { items: { section?: string }[] }) =>
    params.items.map(({ section }) => settings[section ?? ''] ?? null),
  )
  for (const method of ['client/registerCapability', 'client/unregisterCapability', 'window/workDoneProgress/create'])
    connection.onRequest(method, () => null)
  connection.onUnhandledNotification(() => {})
  connection.listen()

  const request = <T>(method: string, params: unknown): Promise<T> =>
    Promise.race([deadline(connection.sendRequest<T>(method, params), method), died])
  const uri = pathToFileURL(root).href
  const opened = { processId: process.pid, rootUri: uri, workspaceFolders: [{ uri, name: 'root' }], capabilities }
  try {
    await request('initialize', opened)
    await connection.sendNotification('initialized', {})
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return {
    request,
    notify: (method, params) => Promise.race([connection.sendNotification(method, params), died]),
    close: () => stop(child, () => connection.dispose()),
  }
}

async function deadline<T>(answer: Promise<T>, method: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`language server gave no answer to ${method}`)), requestTimeoutMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

async function stop(child: ChildProcess, dispose: () => void): Promise<void> {
  dispose()
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGKILL')
  await ended
}
