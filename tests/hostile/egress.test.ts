// The way out to a host that is really there: a house behind a cable, this test at the public address at its other end.
// Walked by the command line, as a person would.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { afterEach, expect, test } from 'vitest'
import { makeAuthority } from '../../server/sandbox/certificate.ts'
import { leaks, makeRepo, removeRepo, scriptedPrompt, unmountBelow } from '../house.ts'
import { main } from '../house-process.ts'

/** Both ends of the cable, public by every list. */
const [here, there] = ['45.33.32.1', '45.33.32.2']
const secret = 'the-token-of-the-house'
const bin = resolve(import.meta.dirname, '../../cli/bin/seatrial.mjs')
const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

/** A house in a network and with an /etc/hosts of its own, and its command line. */
async function openCabledHouse(hosts: string, ca: string) {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'egress-')))
  endings.push(() => rm(dataDir, { recursive: true, force: true }))
  endings.push(() => unmountBelow(dataDir))
  endings.push(() => expect(leaks(dataDir)).toEqual([]))
  const file = (name: string, text: string): string => {
    writeFileSync(join(dataDir, name), text, { mode: 0o644 })
    return join(dataDir, name)
  }
  const env = {
    ...process.env,
    SEATRIAL_HOME: dataDir,
    SEATRIAL_PORT: '0',
    PRIVATE_TOKEN: secret,
    NODE_EXTRA_CA_CERTS: file('ca.pem', ca),
  }
  const link = `ste${process.pid}`
  const ip = (...args: string[]): void => void execFileSync('ip', args)
  const setUp = `echo ready; read -r _; mount --bind ${file('hosts', hosts)} /etc/hosts; ip link set lo up; ip address add ${there}/30 dev eth0; ip link set eth0 up; exec "$@"`
  const unshare = ['--net', '--mount', '--', 'sh', '-c', setUp, 'sh', process.execPath, main]
  const child = spawn('unshare', unshare, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)
  const exited = once(child, 'exit')
  endings.push(async () => {
    child.kill('SIGTERM')
    await exited
  })
  await once(lines, 'line')
  ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(child.pid))
  ip('address', 'add', `${here}/30`, 'dev', link)
  ip('link', 'set', link, 'up')
  child.stdin.write('plugged\n')
  await once(lines, 'line')
  return {
    file,
    seatrial: (cwd: string, ...args: string[]) =>
      execa('nsenter', ['-t', String(child.pid), '-n', '-m', `--wd=${cwd}`, process.execPath, bin, ...args], {
        env: { ...env, NO_COLOR: '1' },
      }),
  }
}

interface Heard {
  path: string
  authorization: string | undefined
  bytes: number
}

/** Both servers of the other end: what they heard, by host. */
async function openPublicHosts(authority: ReturnType<typeof makeAuthority>): Promise<Record<string, Heard[]>> {
  const heard: Record<string, Heard[]> = { 'public.example': [], 'private.example': [] }
  const listener = (host: string) => async (request: IncomingMessage, response: ServerResponse) => {
    const body = Buffer.concat(await request.toArray())
    heard[host]?.push({ path: request.url ?? '', authorization: request.headers.authorization, bytes: body.length })
    const isKnown = host === 'public.example' || request.headers.authorization === `Bearer ${secret}`
    response.writeHead(isKnown ? 200 : 401).end(isKnown ? `hello from ${host}` : 'who are you?')
  }
  const servers = [
    createHttp(listener('public.example')).listen(80, here),
    createHttps(authority.issue('private.example'), listener('private.example')).listen(443, here),
  ]
  endings.push(() => {
    for (const server of servers) server.close().closeAllConnections()
  })
  await Promise.all(servers.map((server) => once(server, 'listening')))
  return heard
}

const program = `import { writeFileSync } from 'node:fs'
const tell = async (url, options) => {
  const answer = await fetch(url, options).catch((error) => ({ status: 0, text: () => error.cause?.message ?? error.message }))
  return answer.status + ' ' + (await answer.text())
}
const lines = [
  await tell('http://public.example/upload', { method: 'POST', body: 'x'.repeat(5000) }),
  await tell('https://private.example/package'),
  JSON.stringify(process.env),
]
writeFileSync('out.txt', lines.join('\\n') + '\\n')
`

test('a person allows a host once, a private one is reached with a token that is nowhere inside, and all is logged', async () => {
  const authority = makeAuthority()
  const house = await openCabledHouse(`${here} public.example private.example\n`, authority.certificate)
  const heard = await openPublicHosts(authority)
  const repo = await makeRepo({ 'program.mjs': program })
  endings.push(() => removeRepo(repo))
  mkdirSync(join(repo, '.seatrial'))
  writeFileSync(join(repo, '.seatrial/config.toml'), '[egress]\nunknown = "ask"\n')
  house.file(
    'house.toml',
    `[credentials."private.example"]\nprojects = ["${basename(repo)}"]\ntoken_env = "PRIVATE_TOKEN"\n`,
  )
  const seatrial = (...args: string[]) => house.seatrial(repo, ...args)

  const prompt = scriptedPrompt('Fetch', [{ do: 'run', command: 'node program.mjs' }])
  const id = (await seatrial('run', '--agent', 'scripted', prompt)).stdout.trim()
  const asked = async (): Promise<string> => {
    const { task } = JSON.parse((await seatrial('--json', 'show', id)).stdout)
    return task.asks.find((ask: { answer: string | null }) => ask.answer === null)?.id ?? ''
  }
  await expect.poll(asked, { timeout: 60_000, interval: 500 }).not.toBe('')
  expect(heard).toEqual({ 'public.example': [], 'private.example': [] })
  await seatrial('answer', await asked(), 'once')
  await expect(seatrial('watch', id)).rejects.toMatchObject({ exitCode: 6 })

  const { stdout: patch } = await seatrial('diff', id, '--patch')
  expect(patch).toContain('+200 hello from public.example')
  expect(patch).toContain('+200 hello from private.example')
  expect(patch).not.toContain(secret)
  expect(heard).toEqual({
    'public.example': [{ path: '/upload', authorization: undefined, bytes: 5000 }],
    'private.example': [{ path: '/package', authorization: `Bearer ${secret}`, bytes: 0 }],
  })
  const { stdout: log } = await seatrial('log', id)
  expect(log).toMatch(/network: public\.example:80 asked\n/)
  const [, sent = ''] = /network: public\.example:80 allowed, (\d+) bytes sent/.exec(log) ?? []
  expect(Number(sent)).toBeGreaterThanOrEqual(5000)
  expect(log).toMatch(/network: private\.example:443 allowed/)
  const { stdout: hosts } = await seatrial('project', 'egress', '--deny', 'public.example')
  expect(hosts).toMatch(/allowed +private\.example:443 +credential/)
  expect(hosts).toMatch(/denied +public\.example +said/)
  expect(hosts).toMatch(/asked +any other host/)
}, 180_000)
