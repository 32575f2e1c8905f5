// Who may call: bearer tokens and browser sessions are both rows, only their SHA-256 is kept.
import { createHash, randomBytes } from 'node:crypto'
import { newId, Refusal } from '@seatrial/protocol'
import type { Role, Scope } from '@seatrial/protocol/api'
import { and, eq, gt, inArray, isNull, or } from 'drizzle-orm'
import { pagesChanged } from '../journey/verdicts/changed.ts'
import type { Db } from '../store/database.ts'
import { person, token } from '../store/tables.ts'
import type { Caller } from './handlers.ts'
import { sessionDays } from './session-cookie.ts'

export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

const rank: Record<Role, number> = { viewer: 0, member: 1, admin: 2 }
const needs: Record<Exclude<Scope, 'none'>, Role> = {
  view: 'viewer',
  'task:write': 'member',
  'review:decide': 'member',
  admin: 'admin',
}

export const mayCall = (role: Role, scope: Scope): boolean => scope === 'none' || rank[role] >= rank[needs[scope]]

/**
 * What a row of `token` is. `session`: a browser's cookie, a person calls. `invite`: a person's own key, shown once; it may
 * be traded for a session. `token`: for programs; it never becomes a session, so it never votes.
 */
type TokenKind = 'session' | 'invite' | 'token'

const idPrefix: Record<TokenKind, string> = { session: 's-', invite: 'st-', token: 'st-' }

/** Makes a token row; the secret is returned once and never kept. */
export async function issueToken(
  db: Db,
  options: { name: string; role: Role; kind: TokenKind; personId: string | null; days: number | null },
): Promise<{ id: string; secret: string; row: typeof token.$inferSelect }> {
  const id = newId('person').replace('u-', idPrefix[options.kind])
  const secret = `${options.kind === 'session' ? 'sts' : 'st'}_${randomBytes(24).toString('base64url')}`
  const expiresAt = options.days === null ? null : new Date(Date.now() + options.days * 86_400_000)
  const [row] = await db
    .insert(token)
    .values({
      id,
      hash: hashOf(secret),
      name: options.name,
      role: options.role,
      kind: options.kind,
      personId: options.personId,
      expiresAt,
    })
    .returning()
  if (!row) throw new Error('The token row was not written')
  return { id, secret, row }
}

export const houseTokenId = 'st-house'

/** Makes sure that the secret kept in the data folder opens the house as admin. */
export async function ensureHouseToken(db: Db, secret: string): Promise<void> {
  await db
    .insert(token)
    .values({ id: houseTokenId, hash: hashOf(secret), name: 'this machine', role: 'admin', kind: 'token' })
    .onConflictDoUpdate({ target: token.id, set: { hash: hashOf(secret), revokedAt: null } })
}

/** A browser session of a person, as strong as the person. Returns the cookie's secret. */
export async function startSession(db: Db, who: { personId: string; name: string }): Promise<string> {
  const { personId } = who
  const name = `browser of ${who.name}`
  const { secret } = await issueToken(db, { name, role: 'admin', kind: 'session', personId, days: sessionDays })
  return secret
}

/** A secret that was a session is none any more; others are left alone. */
export async function endSession(db: Db, secret: string): Promise<void> {
  await db
    .update(token)
    .set({ revokedAt: new Date() })
    .where(and(eq(token.hash, hashOf(secret)), eq(token.kind, 'session')))
  pagesChanged()
}

/** Those of the tokens that still open the house. */
export async function stillValid(db: Db, tokenIds: string[]): Promise<Set<string>> {
  const rows = await db
    .select({ id: token.id })
    .from(token)
    .leftJoin(person, eq(person.id, token.personId))
    .where(
      and(
        inArray(token.id, tokenIds),
        isNull(token.revokedAt),
        or(isNull(token.expiresAt), gt(token.expiresAt, new Date())),
        or(isNull(token.personId), and(eq(person.id, token.personId), isNull(person.removedAt))),
      ),
    )
  return new Set(rows.map(({ id }) => id))
}

export interface Identity extends Caller {
  name: string
  tokenId: string
  /** May be traded for a person's session. */
  signsIn: boolean
}

/** Finds the caller of a secret. Refuses unknown, revoked, expired ones and removed people. */
export async function identify(db: Db, secret: string, kind: 'session' | 'token'): Promise<Identity> {
  const refused = new Refusal(
    'unauthenticated',
    'This token is not valid (any more); sign in again or ask an admin for a new one.',
  )
  const [found] = await db
    .select({ token, person })
    .from(token)
    .leftJoin(person, and(eq(person.id, token.personId), isNull(person.removedAt)))
    .where(and(eq(token.hash, hashOf(secret)), isNull(token.revokedAt)))
  const row = found?.token
  if (!row || (row.kind === 'session') !== (kind === 'session')) throw refused
  if (row.expiresAt && row.expiresAt.getTime() < Date.now()) throw refused
  let { name } = row
  let role = row.role as Role
  if (row.personId) {
    const who = found.person
    if (!who) throw refused
    name = who.name
    // A token never allows more than its person; a session follows the person's role, up and down.
    if (rank[who.role as Role] < rank[role]) role = who.role as Role
  }
  const stale = !row.lastUsedAt || Date.now() - row.lastUsedAt.getTime() > 60_000
  if (stale) await db.update(token).set({ lastUsedAt: new Date() }).where(eq(token.id, row.id))
  const signsIn = row.kind === 'invite' || row.id === houseTokenId
  return { personId: row.personId, role, kind: kind === 'session' ? 'person' : 'token', name, tokenId: row.id, signsIn }
}
