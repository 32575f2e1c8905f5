// One entry of the API table: method, path, schemas. Server, client and OpenAPI document are all made from it.
import type { z } from 'zod'

/** What a caller's token must allow. `view` < `task:write` < `review:decide` < `admin`. */
export type Scope = 'none' | 'view' | 'task:write' | 'review:decide' | 'admin'

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `{name}` for path parameters, e.g. `/v1/tasks/{id}`. */
  path: string
  summary: string
  scope: Scope
  query?: z.ZodType
  body?: z.ZodType
  reply: z.ZodType
  /** HTTP status of success; 200 when left out. */
  status?: number
}

type Params<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | Params<Rest> : never

/** What a caller passes: path parameters, query and body, each only where the route has them. */
export type Call<R extends Route> = ([Params<R['path']>] extends [never]
  ? { params?: undefined }
  : { params: Record<Params<R['path']>, string> }) &
  (R['query'] extends z.ZodType ? { query?: z.input<R['query']> } : { query?: undefined }) &
  (R['body'] extends z.ZodType ? { body: z.input<R['body']> } : { body?: undefined })

/** What a handler receives: the same, parsed. */
export type Received<R extends Route> = {
  params: Record<Params<R['path']>, string>
  query: R['query'] extends z.ZodType ? z.output<R['query']> : undefined
  body: R['body'] extends z.ZodType ? z.output<R['body']> : undefined
}

export type Reply<R extends Route> = z.output<R['reply']>

/** Keeps the literal types of a table of routes. */
export const routes = <const T extends Record<string, Route>>(table: T): T => table
