// A host worth attacking, made for one attempt: files with secrets, services, sockets, a process, another trial.
// It lives in a temporary folder and, when run by the suite, in a network namespace of its own.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type EgressRequest, startEgressProxy } from '../../server/sandbox/egress.ts'
import { processMark } from '../../server/sandbox/marked-processes.ts'
import { makeOwned } from '../../server/sandbox/test-trial.ts'
import { findTool } from '../../server/sandbox/tools.ts'

/** Addresses that the suite's network namespace has on its loopback interface. */
export const addresses = { metadata: '169.254.169.254', lan: '10.9.9.9', far: '198.51.100.7' } as const

const tool = (name: string): string => findTool(name) ?? name

export interface World extends AsyncDisposable {
  dir: string
  tree: string
  home: string
  /** What the attacker must never print. */
  secret: string
  /** In the environment of everything the attempt starts. */
  mark: string
  env: Record<string, string>
  proxySocket: string
  egressLog: EgressRequest[]
  /** Requests that reached a service of the host, whichever. */
  reached: string[]
  /** A file of the host, relative to its folder; empty when it is not there. */
  read(path: string): string
  victim: ChildProcess
}

export interface WorldOptions {
  /** The proxy lets everything through, private addresses included. */
  openProxy: boolean
}

const hostFiles: Record<string, (secret: string) => string> = {
  canary: () => 'untouched\n',
  'home/.bashrc': () => '# mine\n',
  'home/.ssh/id_ed25519': (secret) => secret,
  'home/.aws/credentials': (secret) => secret,
  'home/.npmrc': (secret) => `//registry.example/:_authToken=${secret}`,
  'home/.git-credentials': (secret) => `https://me:${secret}@git.example`,
  'checkout/.env': (secret) => `KEY=${secret}`,
  'checkout/.git/config': () => '[core]\n',
  'checkout/.git/HEAD': () => 'ref: refs/heads/main\n',
  'checkout/.git/refs/heads/main': () => '1111111111111111111111111111111111111111\n',
  'checkout/.git/objects/11/1111': () => 'an object',
  'data/token': (secret) => secret,
  'data/checks/result.json': () => '{"outcome":"failed"}',
  'data/events.log': () => 'one honest event\n',
  'other-trial/tree/source.ts': (secret) => `// ${secret}`,
  'tools/tool': () => '#!/bin/sh\necho honest\n',
}

/** What the open proxy lets through. */
const everything = ['allowed.example', 'sneaky.example', 'unknown.example', '127.0.0.1', ...Object.values(addresses)]

export async function makeWorld(options: WorldOptions): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'seatrial-hostile-'))
  const secret = `secret-${randomUUID()}`
  const host = join(dir, 'host')
  // Open to everyone, so that no file permission does the work of the layer that is tried.
  for (const [path, content] of Object.entries(hostFiles)) {
    mkdirSync(dirname(join(host, path)), { recursive: true })
    writeFileSync(join(host, path), content(secret))
    chmodSync(join(host, path), 0o777)
    for (let parent = dirname(join(host, path)); parent !== dir; parent = dirname(parent)) chmodSync(parent, 0o777)
  }
  chmodSync(dir, 0o755)
  const { env: markEnv, text: mark } = processMark('HOSTILE_MARK')
  const reached: string[] = []
  const answer = (where: string) =>
    createServer((request, response) => {
      reached.push(`${where} ${request.url}`)
      response.end(secret)
    })
  const servers: Server[] = []
  const listen = async (where: string, at: { port: number; host: string } | { path: string }) => {
    const server = answer(where).listen(at)
    await once(server, 'listening')
    servers.push(server)
    return server
  }
  const inNamespace = process.env.SEATRIAL_HOSTILE_NET === '1'
  const local = await listen('local', { port: 0, host: inNamespace ? '0.0.0.0' : '127.0.0.1' })
  const { port } = local.address() as AddressInfo
  if (inNamespace) await listen('well-known', { port: 80, host: addresses.metadata })
  await listen('docker', { path: join(host, 'docker.sock') })
  chmodSync(join(host, 'docker.sock'), 0o777)
  const abstract = `seatrial-${randomUUID()}`
  await listen('abstract', { path: `\0${abstract}` })
  const datagrams = createSocket('udp4').on('message', (message) => reached.push(`udp ${message}`))
  datagrams.bind(0, inNamespace ? '0.0.0.0' : '127.0.0.1')
  await once(datagrams, 'listening')
  const folder = openSync(host, 'r')
  const victim = spawn('/bin/sh', ['-c', 'echo up; exec sleep 600'], {
    env: { PATH: '/usr/bin:/bin', TOKEN: secret },
    cwd: host,
    stdio: ['ignore', 'pipe', 'ignore', folder],
  })
  closeSync(folder)
  const segment = /\d+/.exec(String(execFileSync(tool('ipcmk'), ['-M', '64', '-p', '0666'])))?.[0] ?? ''
  if (victim.stdout) await once(victim.stdout, 'data')
  const egressLog: EgressRequest[] = []
  const proxy = await startEgressProxy({
    socketPath: join(dir, 'proxy.sock'),
    allow: options.openProxy
      ? everything.flatMap((host) => [host, `${host}:${port}`])
      : ['allowed.example', 'sneaky.example'],
    presets: [],
    unknown: 'deny',
    ask: () => Promise.resolve('never'),
    onRequest: (request) => egressLog.push(request),
    resolve: async (name) => (name === 'sneaky.example' ? ['127.0.0.1'] : [addresses.far]),
    trustAddresses: options.openProxy ? ['127.0.0.1', ...Object.values(addresses)] : [addresses.far],
  })
  const tree = makeOwned(join(dir, 'tree'))
  const home = makeOwned(join(dir, 'home'))
  return {
    dir,
    tree,
    home,
    secret,
    mark,
    reached,
    egressLog,
    proxySocket: proxy.socketPath,
    victim,
    env: {
      ...markEnv,
      HOST: host,
      CANARY: join(host, 'canary'),
      PORT: String(port),
      UDP: String(datagrams.address().port),
      ABSTRACT: abstract,
      VICTIM: String(victim.pid),
      SHM: segment,
      MARK: `seatrial-canary-${randomUUID().slice(0, 8)}`,
      METADATA: addresses.metadata,
      LAN: addresses.lan,
      FAR: addresses.far,
      PYTHONDONTWRITEBYTECODE: '1',
    },
    read: (path) => (existsSync(join(host, path)) ? readFileSync(join(host, path), 'latin1') : ''),
    async [Symbol.asyncDispose]() {
      victim.kill('SIGKILL')
      execFileSync(tool('ipcrm'), ['-m', segment])
      datagrams.close()
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
      await proxy.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
