// Projects, agents, contenders and the house itself.
import { z } from 'zod'
import { AgentCard } from '../agent.ts'
import { Contender } from '../contender.ts'
import { DoctorFinding, EgressView, Project } from '../project.ts'
import { routes } from './route.ts'

export const houseRoutes = routes({
  health: {
    method: 'GET',
    path: '/health',
    summary: 'Is the house up?',
    scope: 'none',
    reply: z.object({ ok: z.literal(true), version: z.string(), store: z.string(), uptimeSeconds: z.number() }),
  },
  stopHouse: {
    method: 'POST',
    path: '/v1/house/stop',
    summary: 'Stop the house politely; running trials go on at the next start.',
    scope: 'admin',
    reply: z.object({ ok: z.literal(true) }),
  },
  doctor: {
    method: 'GET',
    path: '/v1/doctor',
    summary: 'What is missing, before any token is spent.',
    scope: 'view',
    query: z.object({ project: z.string().optional() }),
    reply: z.object({ findings: z.array(DoctorFinding) }),
  },
  addProject: {
    method: 'POST',
    path: '/v1/projects',
    summary: 'Make a repository known; the same path twice is the same project.',
    scope: 'task:write',
    body: z.object({ path: z.string(), name: z.string().optional() }),
    reply: Project,
  },
  listProjects: {
    method: 'GET',
    path: '/v1/projects',
    summary: 'All projects.',
    scope: 'view',
    reply: z.object({ projects: z.array(Project) }),
  },
  getProject: {
    method: 'GET',
    path: '/v1/projects/{id}',
    summary: 'One project with its settings as read now.',
    scope: 'view',
    reply: Project,
  },
  removeProject: {
    method: 'DELETE',
    path: '/v1/projects/{id}',
    summary: 'Forget a project; its checkout is not touched.',
    scope: 'admin',
    reply: z.object({ ok: z.literal(true) }),
  },
  getEgress: {
    method: 'GET',
    path: '/v1/projects/{id}/egress',
    summary: 'Which hosts trials of a project may reach: by settings, by preset, and by what people said.',
    scope: 'view',
    reply: EgressView,
  },
  setEgress: {
    method: 'PUT',
    path: '/v1/projects/{id}/egress',
    summary: 'Say once and for all whether a host may be reached; running trials heed it from their next request on.',
    scope: 'task:write',
    body: z.object({ host: z.string().min(1).max(300), verdict: z.enum(['always', 'never', 'forget']) }),
    reply: EgressView,
  },
  listAgents: {
    method: 'GET',
    path: '/v1/agents',
    summary: 'The catalog, with what is ready on this machine.',
    scope: 'view',
    reply: z.object({ agents: z.array(AgentCard) }),
  },
  installAgent: {
    method: 'POST',
    path: '/v1/agents/{id}/install',
    summary: 'Download an installable agent of the catalog.',
    scope: 'admin',
    reply: AgentCard,
  },
  listContenders: {
    method: 'GET',
    path: '/v1/contenders',
    summary: 'Contenders that have run or are configured.',
    scope: 'view',
    reply: z.object({ contenders: z.array(Contender) }),
  },
  collectGarbage: {
    method: 'POST',
    path: '/v1/house/gc',
    summary: 'Remove workspaces, base layers and logs past retention; never what a person has not decided on.',
    scope: 'admin',
    body: z.object({ dryRun: z.boolean().default(true) }),
    reply: z.object({
      items: z.array(z.object({ kind: z.string(), id: z.string(), bytes: z.number(), sentence: z.string() })),
      bytes: z.number(),
      removed: z.boolean(),
    }),
  },
})
