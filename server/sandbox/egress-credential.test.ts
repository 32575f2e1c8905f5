// A private registry and a private git host over TLS on loopback: npm, pip and git reach them from inside a sandbox with
// a credential that is nowhere inside.
import { execFileSync, spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { makeAuthority } from './certificate.ts'
import { type EgressRequest, proxyEnv, startEgressProxy } from './egress.ts'
import { trustFiles } from './egress-credential.ts'
import { makeTrial, run } from './test-trial.ts'

const secret = 'the-token-of-the-house'
const host = 'private.example'
const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

interface Private {
  port: number
  ca: string
  /** `METHOD path` of each request that carried the credential, and of those that did not. */
  known: string[]
  strangers: string[]
}

/** A host that lets nobody in without the credential: packages for npm and pip, and a repository. */
async function openPrivateHost(dir: string): Promise<Private> {
  const authority = makeAuthority()
  const seen: Private = { port: 0, ca: authority.certificate, known: [], strangers: [] }
  const npm = packNpm(dir)
  const wheel = join(dir, 'wheel')
  const repository = makeRepository(dir)
  const server = createServer(authority.issue(host), (request, response) => {
    const path = request.url ?? ''
    const isKnown = request.headers.authorization === `Bearer ${secret}`
    ;(isKnown ? seen.known : seen.strangers).push(`${request.method} ${path}`)
    if (!isKnown) return void response.writeHead(401, { 'www-authenticate': 'Basic' }).end()
    if (path.startsWith('/team.git/')) return serveGit(repository, request, response)
    const at = `https://${host}:${seen.port}`
    const pages: Record<string, () => string | Buffer> = {
      '/thing': () => JSON.stringify(packument(`${at}/thing/-/thing-1.0.0.tgz`)),
      '/thing/-/thing-1.0.0.tgz': () => readFileSync(npm),
      '/simple/thing/': () => `<a href="${at}/files/thing-1.0-py3-none-any.whl">thing-1.0-py3-none-any.whl</a>`,
      '/files/thing-1.0-py3-none-any.whl': () => readFileSync(packWheel(wheel)),
    }
    const page = pages[path]
    if (!page) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': path.startsWith('/simple') ? 'text/html' : 'application/json' })
    response.end(page())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  endings.push(() => server.close().closeAllConnections())
  seen.port = (server.address() as AddressInfo).port
  return seen
}

const packument = (tarball: string) => ({
  name: 'thing',
  'dist-tags': { latest: '1.0.0' },
  versions: { '1.0.0': { name: 'thing', version: '1.0.0', dist: { tarball } } },
})

function packNpm(dir: string): string {
  mkdirSync(join(dir, 'npm/package'), { recursive: true })
  writeFileSync(join(dir, 'npm/package/package.json'), '{"name":"thing","version":"1.0.0"}')
  execFileSync('tar', ['-czf', join(dir, 'thing.tgz'), '-C', join(dir, 'npm'), 'package'])
  return join(dir, 'thing.tgz')
}

function packWheel(dir: string): string {
  const file = join(dir, 'thing-1.0-py3-none-any.whl')
  if (existsSync(file)) return file
  mkdirSync(join(dir, 'thing-1.0.dist-info'), { recursive: true })
  writeFileSync(join(dir, 'thing.py'), 'hello = 1\n')
  writeFileSync(join(dir, 'thing-1.0.dist-info/METADATA'), 'Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n')
  writeFileSync(
    join(dir, 'thing-1.0.dist-info/WHEEL'),
    'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  )
  writeFileSync(join(dir, 'thing-1.0.dist-info/RECORD'), '')
  execFileSync('python3', ['-m', 'zipfile', '-c', file, 'thing.py', 'thing-1.0.dist-info'], { cwd: dir })
  return file
}

const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example', '-c', 'init.defaultBranch=main', ...args], {
    cwd,
  })

function makeRepository(dir: string): string {
  const work = join(dir, 'work')
  mkdirSync(work)
  git(work, 'init', '-q')
  writeFileSync(join(work, 'README'), 'private\n')
  git(work, 'add', '.')
  git(work, 'commit', '-qm', 'first')
  mkdirSync(join(dir, 'served'))
  git(dir, 'clone', '-q', '--bare', work, 'served/team.git')
  git(join(dir, 'served/team.git'), 'config', 'http.receivepack', 'true')
  return join(dir, 'served')
}

/** git's own server, as CGI. */
function serveGit(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '', 'https://x')
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: request.headers['git-protocol'] as string,
      REMOTE_USER: 'house',
    },
  })
  request.pipe(backend.stdin)
  const chunks: Buffer[] = []
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  backend.once('close', () => {
    const answer = Buffer.concat(chunks)
    const end = answer.indexOf('\r\n\r\n')
    const lines = answer.subarray(0, end).toString().split('\r\n')
    const headers = Object.fromEntries(lines.map((line) => line.split(': ') as [string, string]))
    response.writeHead(Number(headers.Status?.slice(0, 3) ?? 200), headers).end(answer.subarray(end + 4))
  })
}

/** A sandbox whose only way out knows the credential. */
async function openInside(changes: { write?: boolean } = {}) {
  const trial = makeTrial()
  endings.push(() => trial[Symbol.asyncDispose]())
  const world = join(trial.dir, 'world')
  mkdirSync(world)
  const seen = await openPrivateHost(world)
  const log: EgressRequest[] = []
  const proxy = await startEgressProxy({
    socketPath: join(trial.dir, 'proxy.sock'),
    allow: [`${host}:${seen.port}`],
    presets: [],
    unknown: 'deny',
    onRequest: (entry) => log.push(entry),
    ask: async () => 'never',
    credentials: [{ host, port: seen.port, header: 'authorization', value: `Bearer ${secret}`, ...changes }],
    trustAddresses: ['127.0.0.1'],
    resolve: async () => ['127.0.0.1'],
    ca: seen.ca,
  })
  endings.push(() => proxy.close())
  const dir = join(trial.dir, 'trust')
  mkdirSync(dir)
  const trust = trustFiles(dir, proxy.certificate ?? '', null)
  for (const [path, text] of Object.entries(trust.files)) writeFileSync(path, text)
  const sandbox = await trial.open({
    forwards: { 3128: proxy.socketPath },
    readOnly: [dir],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/home/trial', ...proxyEnv(3128), ...trust.env },
    limits: { memoryMb: 1024, cpus: 1, pids: 256, diskMb: 256 },
  })
  return {
    sandbox,
    seen,
    log,
    at: `https://${host}:${seen.port}`,
    shell: (script: string) => run(sandbox, script),
  }
}

test('a certificate of our own is one that others understand', () => {
  const authority = makeAuthority()
  const [leaf = '', root = ''] = authority.issue('a.example').cert.split(/(?<=END CERTIFICATE-----\n)/)
  const issued = new X509Certificate(leaf)
  expect(issued.verify(new X509Certificate(root).publicKey)).toBe(true)
  expect(issued.checkIssued(new X509Certificate(root))).toBe(true)
  expect(issued.checkHost('a.example')).toBe('a.example')
  expect(issued.checkHost('b.example')).toBeUndefined()
})

test('npm, pip and git work with a credential that is nowhere inside', async () => {
  const { shell, seen, log, at } = await openInside()
  const npm = await shell(
    `cd /tmp && npm install --no-audit --no-fund --registry ${at}/ thing && cat node_modules/thing/package.json`,
  )
  expect(npm.out).toContain('"name":"thing"')
  const clone = await shell(`cd /tmp && git clone -q ${at}/team.git && cat team/README`)
  expect(clone).toMatchObject({ out: 'private\n', code: 0 })
  const pip = await shell(`python3 -m pip download --no-deps -q -d /tmp/w --index-url ${at}/simple/ thing && ls /tmp/w`)
  if (!/No module named pip|not found/.test(pip.err)) expect(pip.out).toContain('thing-1.0-py3-none-any.whl')
  expect(seen.strangers).toEqual([])
  expect(seen.known).toContain('GET /thing/-/thing-1.0.0.tgz')
  const inside = await shell('env; find /home/trial /tmp -type f -size -200k -exec cat {} +; cat /proc/*/environ')
  expect(inside.out).not.toContain(secret)
  expect(log.every((entry) => entry.host === host && entry.verdict === 'allowed')).toBe(true)
  expect(log.length).toBe(seen.known.length)
})

test('what would change something at the host is refused, until the credential is for writing too', async () => {
  const push = (at: string) =>
    `cd /tmp && git clone -q ${at}/team.git && cd team && git -c user.name=t -c user.email=t@x commit -q --allow-empty -m x && git push -q`
  const reading = await openInside()
  const refused = await reading.shell(push(reading.at))
  expect(refused.code).not.toBe(0)
  expect(refused.err).toContain('403')
  const put = await reading.shell(`curl -s -X PUT -d {} ${reading.at}/thing || true`)
  if (put.out) expect(put.out).toContain('its credential is for reading')
  expect(reading.seen.known.filter((line) => /receive-pack|PUT/.test(line))).toEqual([])
  const writing = await openInside({ write: true })
  expect((await writing.shell(push(writing.at))).code).toBe(0)
  expect(writing.seen.known).toContain('POST /team.git/git-receive-pack')
})

test('a host that has no credential is never answered for', async () => {
  const { shell, seen } = await openInside()
  const other = await shell(
    `curl -sv https://other.example:${seen.port}/ 2>&1; wget -q https://other.example:${seen.port}/; true`,
  )
  expect(other.out).not.toContain('Seatrial')
  expect(seen.known).toEqual([])
})
