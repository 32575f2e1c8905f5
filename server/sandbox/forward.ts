// Ports on 127.0.0.1 inside that lead to Unix sockets of the house: the only way out of a sandbox.
// A helper opens the listener inside the network namespace, hands it over and ends; the house itself accepts.
import { spawn } from 'node:child_process'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Refusal } from '@seatrial/protocol'

export interface Forward {
  close(): void
}

/** Connections one port may hold open at once. */
const maxConnections = 512

/**
 * Runs in the namespace: listens on each port and passes the listening handle up. A house that dies takes it along: with
 * handles under way Node does not always tell that the channel is gone, so it looks who its parent is.
 */
export const listenInside = `
const { createServer } = require('node:net')
const [house, ...ports] = process.argv.slice(1).map(Number)
setInterval(() => process.ppid === house || process.exit(), 200)
for (const port of ports) {
  const server = createServer()
  server.on('error', (error) => process.send({ error: error.message }, () => process.exit(1)))
  server.listen({ port, host: '127.0.0.1' }, () => process.send({ port }, server))
}
`

/** Forwards each port; `enter` is the program and arguments that lead into the network namespace, empty for the host's. */
export async function openForwards(forwards: Record<number, string>, enter: string[]): Promise<Forward> {
  const ports = Object.keys(forwards)
  if (ports.length === 0) return { close: () => {} }
  const servers = enter.length === 0 ? await listenHere(ports.map(Number)) : await listenThere(ports, enter)
  const open = new Set<Socket>()
  for (const [port, server] of servers) {
    server.maxConnections = maxConnections
    // A listener that was handed over knows nothing of options; half-closed streams must stay half-closed.
    Object.assign(server, { allowHalfOpen: true })
    server.on('connection', (inside: Socket) => join(inside, forwards[port] ?? '', open))
  }
  return {
    close: () => {
      for (const server of servers.values()) server.close()
      for (const socket of open) socket.destroy()
    },
  }
}

function join(inside: Socket, path: string, open: Set<Socket>): void {
  const house = connect({ path, allowHalfOpen: true })
  for (const [from, to] of [
    [inside, house],
    [house, inside],
  ] as const) {
    open.add(from)
    from.on('error', () => to.destroy())
    from.on('close', () => {
      open.delete(from)
      to.destroy()
    })
    from.pipe(to)
  }
}

async function listenHere(ports: number[]): Promise<Map<number, Server>> {
  const servers = new Map<number, Server>()
  for (const port of ports) {
    const server = createServer()
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(new Refusal('conflict', `Port ${port} is taken: ${error.message}`)))
      server.listen({ port, host: '127.0.0.1' }, resolve)
    })
    servers.set(port, server)
  }
  return servers
}

function listenThere(ports: string[], enter: string[]): Promise<Map<number, Server>> {
  const [command = '', ...args] = [...enter, process.execPath, '-e', listenInside, String(process.pid), ...ports]
  const helper = spawn(command, args, { env: {}, cwd: '/', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  return new Promise((resolve, reject) => {
    const servers = new Map<number, Server>()
    let complaint = ''
    helper.stderr?.on('data', (chunk: Buffer) => {
      complaint += chunk.toString()
    })
    helper.on('message', (message: { port?: number; error?: string }, handle) => {
      if (message.error) complaint += message.error
      if (message.port && handle) servers.set(message.port, handle as Server)
      if (servers.size < ports.length) return
      helper.kill('SIGKILL')
      resolve(servers)
    })
    helper.once('error', reject)
    helper.once('exit', () => {
      if (servers.size < ports.length)
        reject(new Refusal('unavailable', `The sandbox could not open its ports: ${complaint.trim().slice(0, 500)}`))
    })
  })
}
