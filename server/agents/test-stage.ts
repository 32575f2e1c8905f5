// What tests of this room run agents on: a repository, a HOME, and a turn that records what it is told.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type EventBody, parseContender, type SandboxLevel } from '@seatrial/protocol'
import { sandboxIdentity } from '../sandbox/identity.ts'
import { openSandbox } from '../sandbox/open-sandbox.ts'
import type { AgentTurn } from './agent.ts'
import type { AgentPlaces } from './find.ts'

export const houseDir = resolve(import.meta.dirname, '../..')

export const places: AgentPlaces = {
  agentsDir: join(houseDir, '.cache/agents'),
  houseDir,
  nodeBinary: process.execPath,
  path: process.env.PATH ?? '',
  npmEnv: process.env,
}

export interface Stage {
  /** The tree on the host; inside it is `/srv/project`. */
  tree: string
  home: string
  events: EventBody[]
  steps: string[]
  sessions: string[]
  turn(agent: string, prompt: string, more?: Partial<AgentTurn>): AgentTurn
  said(): string
  clean(): Promise<void>
}

/** A git repository of the given files, a HOME and a sandbox over both, as strict as this machine can keep it. */
export async function makeStage(options: {
  files?: Record<string, string>
  readOnly: string[]
  forwards?: Record<number, string>
  env?: Record<string, string>
  level?: SandboxLevel
}): Promise<Stage> {
  const root = mkdtempSync(join(tmpdir(), 'seatrial-agents-'))
  chmodSync(root, 0o755)
  const tree = join(root, 'tree')
  const home = join(root, 'home')
  mkdirSync(home)
  for (const [path, text] of Object.entries(options.files ?? { 'a.txt': 'one\n' })) {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    writeFileSync(join(tree, path), text)
  }
  const person = ['-c', 'user.name=t', '-c', 'user.email=t@t']
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    [...person, 'commit', '-qm', 'base'],
  ]) {
    execFileSync('git', ['-C', tree, ...args])
  }
  const owner = sandboxIdentity()
  if (owner) execFileSync('chown', ['-R', `${owner.uid}:${owner.gid}`, tree, home])
  const level = options.level ?? (owner ? 'strict' : 'standard')
  const sandbox = await openSandbox({
    name: 'agents-test',
    level,
    tree: { kind: 'directory', dir: tree },
    mountAt: '/srv/project',
    home,
    readOnly: options.readOnly,
    env: options.env ?? {},
    forwards: options.forwards ?? {},
    limits: { memoryMb: 6000, cpus: 2, pids: 1000, diskMb: 2000 },
  })
  const stage: Stage = {
    tree,
    home,
    events: [],
    steps: [],
    sessions: [],
    turn: (agent, prompt, more) => ({
      contender: parseContender(agent),
      sandbox,
      cwd: '/srv/project',
      home,
      prompt,
      images: [],
      sessionId: null,
      gateway: null,
      mcpServers: [],
      onEvent: (body) => void stage.events.push(body),
      onStep: (title) => void stage.steps.push(title),
      onSession: (id) => void stage.sessions.push(id),
      nextMessage: async () => null,
      signal: new AbortController().signal,
      ...more,
    }),
    said: () => stage.events.map((event) => (event.type === 'agent.said' ? event.text : '')).join(''),
    async clean() {
      await sandbox.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
  return stage
}
