// The room of agents: lists, installs and runs what the catalog knows.
import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type AgentCard, Refusal } from '@seatrial/protocol'
import { sandboxIdentity } from '../sandbox/identity.ts'
import { homeInside } from '../sandbox/view.ts'
import type { AgentOutcome, AgentTurn, McpServer, RunAgent } from './agent.ts'
import { catalog } from './catalog.ts'
import type { CatalogEntry } from './entry.ts'
import { type AgentPlaces, findProgram, mountsFor } from './find.ts'
import { writeInHome } from './home.ts'
import { type HostLimits, hostLimits, hostTurn } from './host.ts'
import { installEntry } from './install.ts'
import { planLaunch } from './launch.ts'

export interface Agents {
  runAgent: RunAgent
  /** The catalog with what was found on this machine; `ready` says whether it can run now. */
  listAgents(): Promise<AgentCard[]>
  /** One agent of the catalog as found on this machine; null when there is none of that name. */
  findAgent(id: string): Promise<AgentCard | null>
  /** Downloads an installable agent; refuses for the others with what to do instead. */
  installAgent(id: string, signal?: AbortSignal): Promise<AgentCard>
  /** Host paths that the sandbox must show read-only for this agent; empty when it is not there. */
  agentMounts(id: string): Promise<string[]>
}

export interface AgentsOptions extends AgentPlaces {
  limits?: Partial<HostLimits>
}

const run = promisify(execFile)

export function openAgents(options: AgentsOptions): Agents {
  const limits = { ...hostLimits, ...options.limits }
  const entryOf = (id: string): CatalogEntry => {
    const entry = catalog.find((known) => known.id === id)
    if (entry) return entry
    throw new Refusal('not_found', `No agent ${id}; \`seatrial agents\` lists them.`)
  }
  const nodeMajor = run(options.nodeBinary, ['--version']).then(
    ({ stdout }) => Number(/^v(\d+)/.exec(stdout)?.[1] ?? 0),
    () => 0,
  )
  const card = async (entry: CatalogEntry): Promise<AgentCard> => describe(entry, options, await nodeMajor)

  return {
    async runAgent(turn) {
      const entry = entryOf(turn.contender.agent)
      const shown = await card(entry)
      const looked = await findProgram(entry, options)
      if (!shown.ready || 'missing' in looked) return notReady(entry, turn, shown.missing ?? 'It is not there.')
      if (entry.wire !== 'none' && !turn.gateway) {
        return notReady(entry, turn, `It needs a model; name one as in \`${entry.id}+MODEL\`.`)
      }
      const { policy } = turn.sandbox
      const launch = planLaunch(entry, looked.found, options, {
        contender: turn.contender,
        gateway: turn.gateway,
        cwd: turn.cwd,
        homeInside: policy.env.HOME ?? (policy.level === 'off' ? turn.home : homeInside),
        pathInside: policy.env.PATH ?? '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin',
      })
      const owner = policy.level === 'off' ? null : sandboxIdentity()
      for (const [path, text] of launch.files) await writeInHome(turn.home, path, text, owner)
      const mcpServers = await serversFor(entry, turn, options)
      return hostTurn({ entry, launch, version: looked.found.version, turn, mcpServers, limits })
    },
    listAgents: () => Promise.all(catalog.map(card)),
    findAgent: async (id) => {
      const entry = catalog.find((known) => known.id === id)
      return entry ? card(entry) : null
    },
    async installAgent(id, signal) {
      const entry = entryOf(id)
      await installEntry(entry, options, signal)
      return card(entry)
    },
    async agentMounts(id) {
      const looked = await findProgram(entryOf(id), options)
      if ('missing' in looked) return []
      return mountsFor(looked.found, options)
    },
  }
}

async function describe(entry: CatalogEntry, places: AgentPlaces, nodeMajor: number): Promise<AgentCard> {
  const { id, label, licence, origin, wire, firstPromptTokens, minContextTokens, seesImages, mcp } = entry
  const looked = await findProgram(entry, places)
  const old = nodeMajor < entry.minNode ? `It needs Node ${entry.minNode}; the house runs it with ${nodeMajor}.` : null
  const missing = 'missing' in looked ? looked.missing : old
  const version = 'found' in looked ? looked.found.version : null
  return {
    ...{ id, label, licence, origin, wire, firstPromptTokens, minContextTokens, seesImages, mcp },
    ...{ ready: missing === null, missing, version },
  }
}

function notReady(entry: CatalogEntry, turn: AgentTurn, sentence: string): AgentOutcome {
  return { kind: 'not_ready', sentence: `${entry.label}: ${sentence}`, summary: null, sessionId: turn.sessionId }
}

/** What the turn brings, and the house's own refactoring server in place of any of that name, for agents that take MCP over stdio. */
async function serversFor(entry: CatalogEntry, turn: AgentTurn, places: AgentPlaces): Promise<McpServer[]> {
  if (entry.mcp !== 'stdio' && entry.mcp !== 'both') return []
  const file = join(places.houseDir, 'refactor/cli.ts')
  const there = await access(file).then(
    () => true,
    () => false,
  )
  if (!there) return turn.mcpServers
  const others = turn.mcpServers.filter((server) => server.name !== 'refactor')
  const args = ['--disable-warning=ExperimentalWarning', file, '--root', turn.cwd, 'mcp']
  return [...others, { name: 'refactor', command: places.nodeBinary, args, env: {} }]
}
