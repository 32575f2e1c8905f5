// Every question the page asks the house, with its place in the cache.
import type { TaskView } from '@seatrial/protocol/api'
import type { HouseEvent } from '@seatrial/protocol/event'
import { infiniteQueryOptions, QueryClient, queryOptions } from '@tanstack/react-query'
import { client, isRefusal } from './client.ts'

export const cache = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => isRefusal(error, 'unavailable') && count < 2,
    },
  },
})

const pages = (name: string, query: { inbox?: 'true'; state?: TaskView['state'] }, limit: number) =>
  infiniteQueryOptions({
    queryKey: ['tasks', name],
    queryFn: ({ pageParam }) =>
      client.listTasks({ query: { ...query, limit, ...(pageParam ? { before: pageParam } : {}) } }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
  })

export const inboxQuery = pages('inbox', { inbox: 'true' }, 100)
export const everyTaskQuery = pages('all', {}, 100)

export const runningQuery = queryOptions({
  queryKey: ['tasks', 'running'],
  queryFn: async () => {
    const states = ['working', 'queued', 'applying'] as const
    const lists = await Promise.all(states.map((state) => client.listTasks({ query: { state, limit: 100 } })))
    return lists.flatMap(({ tasks }) => tasks)
  },
})

export const taskQuery = (id: string) =>
  queryOptions({ queryKey: ['task', id], queryFn: () => client.getTask({ params: { id } }) })

/** What belongs to one candidate never changes once its tree is fixed; only its evidence may grow. */
const ofTrial = <T>(name: string, id: string, trial: string, ask: () => Promise<T>) =>
  queryOptions({ queryKey: ['trial', id, trial, name], queryFn: ask, staleTime: 60_000 })

export const diffQuery = (id: string, trial: string, against?: string) =>
  ofTrial(`diff:${against ?? 'base'}`, id, trial, () =>
    client.getDiff({ params: { id }, query: { trial, ...(against ? { against } : {}) } }),
  )
export const evidenceQuery = (id: string, trial: string) =>
  ofTrial('evidence', id, trial, () => client.getEvidence({ params: { id }, query: { trial } }))
export const panelQuery = (id: string, trial: string) =>
  ofTrial('panel', id, trial, () => client.getPanel({ params: { id }, query: { trial } }))
export const hunkNotesQuery = (id: string, trial: string) =>
  ofTrial('notes', id, trial, () => client.getHunkNotes({ params: { id }, query: { trial } }))
export const checkpointsQuery = (id: string, trial: string) =>
  ofTrial('checkpoints', id, trial, () => client.listCheckpoints({ params: { id }, query: { trial } }))

export const eventsQuery = (task: string) =>
  queryOptions({
    queryKey: ['events', task],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      const events: HouseEvent[] = []
      for (let after = 0; ; ) {
        const page = await client.listEvents({ query: { task, after, limit: 1000 } })
        events.push(...page.events)
        const last = page.events.at(-1)?.seq
        if (page.events.length < 1000 || last === undefined) return events
        after = last
      }
    },
  })

export const projectsQuery = queryOptions({
  queryKey: ['projects'],
  queryFn: async () => (await client.listProjects({})).projects,
})
export const agentsQuery = queryOptions({
  queryKey: ['agents'],
  queryFn: async () => (await client.listAgents({})).agents,
})
export const contendersQuery = queryOptions({
  queryKey: ['contenders'],
  queryFn: async () => (await client.listContenders({})).contenders,
})
export const doctorQuery = (project?: string) =>
  queryOptions({
    queryKey: ['doctor', project ?? null],
    queryFn: async () => (await client.doctor({ query: project ? { project } : {} })).findings,
  })
