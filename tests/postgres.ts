// A private PostgreSQL server in a temp folder, to be stopped, started and killed as a test likes.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chownSync, existsSync, mkdtempSync, readdirSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'

export interface Postgres {
  /** Address of its maintenance database. */
  url: string
  port: number
  /** Runs a statement: on the database at that address, or on the maintenance one. */
  ask(text: string, database?: string): Promise<void>
  /** A new database on it. */
  fresh(): Promise<string>
  /** SIGKILL of the server and all its children, as a machine that fails. */
  kill(): Promise<void>
  /** Starts it again after `kill` on the same port and data. */
  start(): Promise<void>
  /** Cuts every connection of a database; clients may connect again at once. */
  cut(database: string): Promise<void>
  /** Ends it and removes its folder. */
  remove(): Promise<void>
}

/** Folder of the server's programs, newest version first; null when no server is installed. */
export function findPostgres(): string | null {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  const found = versions.map((version) => join(root, version, 'bin')).find((dir) => existsSync(join(dir, 'initdb')))
  return found ?? null
}

/** The server refuses to run as root: then it runs as its own user, or as nobody. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (flag: string, name: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }))
  const name = (() => {
    try {
      idOf('-u', 'postgres')
      return 'postgres'
    } catch {
      return 'nobody'
    }
  })()
  return { uid: idOf('-u', name), gid: idOf('-g', name) }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

/** Starts a server on loopback (or on all addresses, for tests with namespaces of their own). */
export async function startPostgres(listen = '127.0.0.1'): Promise<Postgres> {
  const bin = findPostgres()
  if (!bin) throw new Error('No PostgreSQL server is installed (Debian: postgresql-15)')
  const user = serverUser()
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'stpg-')))
  if (user) chownSync(dir, user.uid, user.gid)
  const data = join(dir, 'data')
  const as = { cwd: dir, env: { LC_ALL: 'C', PATH: bin }, ...user }
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'house', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...as,
    stdio: 'ignore',
  })
  // Beyond loopback only the small network that tests make between namespaces.
  appendFileSync(join(data, 'pg_hba.conf'), 'host all all 10.231.7.0/30 trust\n')
  const port = await freePort()
  let child: ChildProcess | null = null
  const start = async (): Promise<void> => {
    const settings = [
      `listen_addresses=${listen}`,
      `port=${port}`,
      `unix_socket_directories=${dir}`,
      'max_connections=200',
    ]
    const started = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((each) => ['-c', each])], {
      ...as,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    })
    child = started
    const said: string[] = []
    const ready = new Promise<void>((resolve, reject) => {
      createInterface(started.stderr).on('line', (line) => {
        if (said.length < 50) said.push(line)
        if (line.includes('ready to accept connections')) resolve()
      })
      started.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${code}:\n${said.join('\n')}`)))
    })
    await ready
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    // The whole group: backends of a killed server would go on for a moment and hold its memory.
    if (signal === 'SIGKILL') process.kill(-child.pid, signal)
    else child.kill(signal)
    await exited
  }
  const url = `postgres://house@127.0.0.1:${port}/postgres`
  const ask = async (text: string, database = url): Promise<void> => {
    const client = new pg.Client({ connectionString: database })
    await client.connect()
    await client.query(text)
    await client.end()
  }
  await start()
  return {
    url,
    port,
    ask,
    start,
    kill: () => end('SIGKILL'),
    async fresh() {
      const name = `t_${crypto.randomUUID().slice(0, 8)}`
      await ask(`create database ${name}`)
      return `postgres://house@127.0.0.1:${port}/${name}`
    },
    cut: (database) => ask(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`),
    async remove() {
      await end('SIGINT')
      await rm(dir, { recursive: true, force: true })
    },
  }
}
