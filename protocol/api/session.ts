// Signing in: the first-run token makes the admin; a browser gets a cookie, programs use bearer tokens.
import { z } from 'zod'
import { routes } from './route.ts'

export const Role = z.enum(['viewer', 'member', 'admin'])
export type Role = z.infer<typeof Role>

export const Me = z.object({
  personId: z.string().nullable(),
  name: z.string(),
  role: Role,
  kind: z.enum(['person', 'token']),
})
export type Me = z.infer<typeof Me>

export const TokenInfo = z.object({
  id: z.string(),
  name: z.string(),
  role: Role,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
})
export type TokenInfo = z.infer<typeof TokenInfo>

/** A person as admins see one. */
export const PersonInfo = z.object({ id: z.string(), name: z.string(), email: z.string().nullable(), role: Role })
export type PersonInfo = z.infer<typeof PersonInfo>

export const sessionRoutes = routes({
  sessionWays: {
    method: 'GET',
    path: '/v1/session/ways',
    summary: 'How a browser may sign in; with `oidc`, at `/auth/login?return=PATH`.',
    scope: 'none',
    reply: z.object({ token: z.literal(true), oidc: z.boolean() }),
  },
  signIn: {
    method: 'POST',
    path: '/v1/session',
    summary: 'Trade a token for a session cookie.',
    scope: 'none',
    body: z.object({ token: z.string().min(8).max(200), name: z.string().max(100).optional() }),
    reply: Me,
  },
  whoAmI: { method: 'GET', path: '/v1/session', summary: 'Who is signed in.', scope: 'view', reply: Me },
  signOut: {
    method: 'DELETE',
    path: '/v1/session',
    summary: 'End the session.',
    scope: 'view',
    reply: z.object({ ok: z.literal(true) }),
  },
  listTokens: {
    method: 'GET',
    path: '/v1/tokens',
    summary: 'Access tokens, without their secrets.',
    scope: 'admin',
    reply: z.object({ tokens: z.array(TokenInfo) }),
  },
  makeToken: {
    method: 'POST',
    path: '/v1/tokens',
    summary: 'A new access token; its secret is shown once.',
    scope: 'admin',
    body: z.object({
      name: z.string().min(1).max(100),
      role: Role,
      days: z.number().int().min(1).max(3650).nullable(),
    }),
    reply: z.object({ token: TokenInfo, secret: z.string() }),
    status: 201,
  },
  revokeToken: {
    method: 'DELETE',
    path: '/v1/tokens/{id}',
    summary: 'Revoke an access token.',
    scope: 'admin',
    reply: z.object({ ok: z.literal(true) }),
  },
  listPeople: {
    method: 'GET',
    path: '/v1/people',
    summary: 'People who may sign in.',
    scope: 'admin',
    reply: z.object({ people: z.array(PersonInfo) }),
  },
  invitePerson: {
    method: 'POST',
    path: '/v1/people',
    summary: 'A new person with a sign-in token, shown once.',
    scope: 'admin',
    body: z.object({ name: z.string().min(1).max(100), email: z.email().optional(), role: Role }),
    reply: z.object({ id: z.string(), secret: z.string() }),
    status: 201,
  },
  changePerson: {
    method: 'PATCH',
    path: '/v1/people/{id}',
    summary: 'Give a person another role; open sessions follow at once.',
    scope: 'admin',
    body: z.object({ role: Role }),
    reply: PersonInfo,
  },
  removePerson: {
    method: 'DELETE',
    path: '/v1/people/{id}',
    summary: 'Remove a person: tokens and votes no longer count.',
    scope: 'admin',
    reply: z.object({ ok: z.literal(true) }),
  },
})
