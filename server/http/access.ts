// Who may call: bearer tokens and browser sessions are both rows, only their SHA-256 is kept.
import { createHash, randomBytes } from 'node:crypto'
import { newId, Refusal } from '@seatrial/protocol'
import type { Role, Scope } from '@seatrial/protocol/api'
import { and, eq, isNull } from 'drizzle-orm'
import type { Db } from '../store/database.ts'
import { person, token } from '../store/tables.ts'
import type { Caller } from './handlers.ts'

export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

const rank: Record<Role, number> = { viewer: 0, member: 1, admin: 2 }
const needs: Record<Exclude<Scope, 'none'>, Role> = {
  view: 'viewer',
  'task:write': 'member',
  'review:decide': 'member',
  admin: 'admin',
}

export const mayCall = (role: Role, scope: Scope): boolean => scope === 'none' || rank[role] >= rank[needs[scope]]

/** Makes a token row; the secret is returned once and never kept. */
export async function issueToken(
  db: Db,
  options: { name: string; role: Role; kind: 'session' | 'token'; personId: string | null; days: number | null },
): Promise<{ id: string; secret: string; row: typeof token.$inferSelect }> {
  const id = newId('person').replace('u-', options.kind === 'session' ? 's-' : 'st-')
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

export interface Identity extends Caller {
  name: string
  tokenId: string
}

/** Finds the caller of a secret. Refuses unknown, revoked, expired ones and removed people. */
export async function identify(db: Db, secret: string, kind: 'session' | 'token'): Promise<Identity> {
  const refused = new Refusal(
    'unauthenticated',
    'This token is not valid (any more); sign in again or ask an admin for a new one.',
  )
  const [row] = await db
    .select()
    .from(token)
    .where(and(eq(token.hash, hashOf(secret)), isNull(token.revokedAt)))
  if (!row || row.kind !== kind || (row.expiresAt && row.expiresAt.getTime() < Date.now())) throw refused
  let { name } = row
  let role = row.role as Role
  if (row.personId) {
    const [who] = await db
      .select()
      .from(person)
      .where(and(eq(person.id, row.personId), isNull(person.removedAt)))
    if (!who) throw refused
    name = who.name
    // A token never allows more than its person.
    if (rank[who.role as Role] < rank[role]) role = who.role as Role
  }
  const stale = !row.lastUsedAt || Date.now() - row.lastUsedAt.getTime() > 60_000
  if (stale) await db.update(token).set({ lastUsedAt: new Date() }).where(eq(token.id, row.id))
  return { personId: row.personId, role, kind: kind === 'session' ? 'person' : 'token', name, tokenId: row.id }
}
