// The screens by path. Everything but the inbox is loaded when first visited.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router'
import { Inbox } from '../inbox/inbox.tsx'
import { Frame } from './frame.tsx'

const root = createRootRoute({
  component: () => (
    <Frame>
      <Outlet />
    </Frame>
  ),
  notFoundComponent: () => <p className="p-6 text-ink-soft">Nothing is moored here. Press g i for the inbox.</p>,
})

const text = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined)
const tabs = ['needs', 'running', 'done'] as const

export const inboxRoute = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: Inbox,
  validateSearch: (search): { tab?: (typeof tabs)[number] } => {
    const tab = tabs.find((name) => name === search.tab)
    return tab && tab !== 'needs' ? { tab } : {}
  },
})
export const taskRoute = createRoute({
  getParentRoute: () => root,
  path: '/tasks/$id',
  component: lazyRouteComponent(() => import('../task/task.tsx'), 'TaskScreen'),
})
export const reviewRoute = createRoute({
  getParentRoute: () => root,
  path: '/tasks/$id/review',
  component: lazyRouteComponent(() => import('../review/review.tsx'), 'ReviewScreen'),
  validateSearch: (search): { trial?: string; against?: string } => {
    const trial = text(search.trial)
    const against = text(search.against)
    return { ...(trial && { trial }), ...(against && { against }) }
  },
})
export const compareRoute = createRoute({
  getParentRoute: () => root,
  path: '/tasks/$id/compare',
  component: lazyRouteComponent(() => import('../compare/compare.tsx'), 'CompareScreen'),
})
const verdictsRoute = createRoute({
  getParentRoute: () => root,
  path: '/verdicts',
  component: lazyRouteComponent(() => import('../verdicts/verdicts.tsx'), 'VerdictsScreen'),
})
const contendersRoute = createRoute({
  getParentRoute: () => root,
  path: '/contenders',
  component: lazyRouteComponent(() => import('../contenders/contenders.tsx'), 'ContendersScreen'),
})
const modelsRoute = createRoute({
  getParentRoute: () => root,
  path: '/models',
  component: lazyRouteComponent(() => import('../models/models.tsx'), 'ModelsScreen'),
})
export const newTaskRoute = createRoute({
  getParentRoute: () => root,
  path: '/new',
  component: lazyRouteComponent(() => import('../new-task/new-task.tsx'), 'NewTaskScreen'),
  validateSearch: (search): { project?: string } => {
    const project = text(search.project)
    return project ? { project } : {}
  },
})
const settingsRoute = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('../settings/settings.tsx'), 'SettingsScreen'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    inboxRoute,
    taskRoute,
    reviewRoute,
    compareRoute,
    verdictsRoute,
    contendersRoute,
    modelsRoute,
    newTaskRoute,
    settingsRoute,
  ]),
  defaultPreload: 'intent',
  scrollRestoration: false,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
