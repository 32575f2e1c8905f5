// The API as one table. The server mounts it, the client is typed by it, the OpenAPI document is printed from it.
import { houseRoutes } from './api/house.ts'
import { modelRoutes } from './api/models.ts'
import { sessionRoutes } from './api/session.ts'
import { taskRoutes } from './api/tasks.ts'
import { verdictRoutes } from './api/verdicts.ts'

export * from './api/house.ts'
export * from './api/models.ts'
export * from './api/route.ts'
export * from './api/session.ts'
export * from './api/tasks.ts'
export * from './api/verdicts.ts'

export const api = { ...houseRoutes, ...modelRoutes, ...sessionRoutes, ...taskRoutes, ...verdictRoutes }
export type Api = typeof api
