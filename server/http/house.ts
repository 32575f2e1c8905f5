// Handlers of the house itself: health, doctor, projects, agents, retention.
import { statfs } from 'node:fs/promises'
import { type DoctorFinding, type EgressView, type Project, parseContender } from '@seatrial/protocol'
import type { houseRoutes } from '@seatrial/protocol/api'
import { eq, isNull } from 'drizzle-orm'
import { sayOfHost } from '../journey/ask.ts'
import { removable, remove } from '../journey/retention.ts'
import type { Rooms } from '../journey/rooms.ts'
import { egressRules, forgetEgressRule } from '../journey/said-of-hosts.ts'
import { checkProject } from '../project/check-project.ts'
import { placeOf } from '../sandbox/egress-credential.ts'
import { presetHosts } from '../sandbox/egress-rules.ts'
import { probeSandbox } from '../sandbox/probe.ts'
import { project, trial } from '../store/tables.ts'
import { toProject } from '../store/views.ts'
import type { Handlers } from './handlers.ts'
import { addProject, findProject } from './projects.ts'

const lowDiskBytes = 2 * 1024 ** 3
const startedAt = Date.now()

export function houseHandlers(rooms: Rooms, stop: () => void): Handlers<typeof houseRoutes> {
  const { db } = rooms.store
  const egressView = async ({ id, name, settings: { egress } }: Project): Promise<EgressView> => ({
    allow: egress.allow,
    credentials: (await rooms.credentialsOf(name)).map(placeOf),
    presets: egress.presets.map((name) => ({ name, hosts: presetHosts([name]) })),
    unknown: egress.unknown,
    rules: (await egressRules(db, id)).map(({ at, ...rule }) => ({ ...rule, at: at.toISOString() })),
  })
  return {
    health: () => ({
      ok: true,
      version: rooms.config.version,
      store: rooms.store.kind,
      uptimeSeconds: Math.round((Date.now() - startedAt) / 1000),
    }),
    stopHouse: () => {
      setTimeout(stop, 50)
      return { ok: true }
    },
    async doctor({ query }) {
      const found = query.project ? await findProject(rooms, query.project, true) : null
      return {
        findings: [...(await houseFindings(rooms)), ...(found ? await checkProject(found.path, found.settings) : [])],
      }
    },
    addProject: ({ body }) => addProject(rooms, body.path, body.name),
    async listProjects() {
      const rows = await db.select().from(project).where(isNull(project.removedAt)).orderBy(project.name)
      return { projects: rows.map(toProject) }
    },
    async getProject({ params }) {
      const { path } = await findProject(rooms, params.id, false)
      return addProject(rooms, path)
    },
    async removeProject({ params }) {
      const { id } = await findProject(rooms, params.id, false)
      await db.update(project).set({ removedAt: new Date() }).where(eq(project.id, id))
      return { ok: true }
    },
    async getEgress({ params }) {
      return egressView(await findProject(rooms, params.id, true))
    },
    async setEgress({ params, body: { host, verdict } }) {
      const found = await findProject(rooms, params.id, true)
      if (verdict === 'forget') await forgetEgressRule(db, found.id, host)
      else await sayOfHost(rooms, found.id, { host, verdict })
      return egressView(found)
    },
    async listAgents() {
      return { agents: await rooms.agents.listAgents() }
    },
    installAgent: ({ params }) => rooms.agents.installAgent(params.id),
    async listContenders() {
      const rows = await db.select({ contender: trial.contender }).from(trial).groupBy(trial.contender)
      return {
        contenders: rows.filter((row) => row.contender !== 'composed').map((row) => parseContender(row.contender)),
      }
    },
    async collectGarbage({ body }) {
      const found = await removable(rooms, true)
      const items = body.dryRun ? found : await remove(rooms, found)
      return {
        items: items.map(({ kind, id, bytes, sentence }) => ({ kind, id, bytes, sentence })),
        bytes: items.reduce((sum, item) => sum + item.bytes, 0),
        removed: !body.dryRun,
      }
    },
  }
}

async function houseFindings(rooms: Rooms): Promise<DoctorFinding[]> {
  const ladder = await rooms.workspaces.probe()
  const sandbox = await probeSandbox()
  const agents = await rooms.agents.listAgents()
  const disk = await statfs(rooms.config.dataDir)
  const freeBytes = disk.bavail * disk.bsize
  const free = `${(freeBytes / 1024 ** 3).toFixed(1)} GB free in ${rooms.config.dataDir}.`
  return [
    { area: 'store', level: 'ok', sentence: `The store is ${rooms.store.kind}.` },
    freeBytes < lowDiskBytes
      ? { area: 'disk', level: 'error', sentence: `Only ${free} Free some, or run \`seatrial gc\`.` }
      : { area: 'disk', level: 'ok', sentence: free },
    ...ladder.findings.map(
      ({ rung, usable, sentence }): DoctorFinding => ({
        area: 'workspace',
        level: 'ok',
        sentence: `${rung}: ${usable ? (rung === ladder.rung ? 'in use' : 'usable') : 'not usable'}. ${sentence}`,
      }),
    ),
    ...sandbox.findings,
    {
      area: 'agents',
      level: 'ok',
      sentence: `Ready: ${agents
        .filter((agent) => agent.ready)
        .map((agent) => agent.id)
        .join(', ')}. \`seatrial agents\` lists the others.`,
    },
    ...agents
      .filter((agent) => agent.origin === 'builtin' && !agent.ready)
      .map((agent): DoctorFinding => ({ area: 'agents', level: 'error', sentence: `${agent.id}: ${agent.missing}` })),
  ]
}
