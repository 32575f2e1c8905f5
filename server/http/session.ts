// Handlers of sessions, access tokens and people.
import { newId, Refusal } from '@seatrial/protocol'
import type { Role, sessionRoutes, TokenInfo } from '@seatrial/protocol/api'
import { and, eq, isNull } from 'drizzle-orm'
import type { Db } from '../store/database.ts'
import { person, token } from '../store/tables.ts'
import { houseTokenId, type Identity, identify, issueToken } from './access.ts'
import type { Handlers } from './handlers.ts'

const sessionDays = 30

const toInfo = (row: typeof token.$inferSelect): TokenInfo => ({
  id: row.id,
  name: row.name,
  role: row.role as Role,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
})

export function sessionHandlers(db: Db): Handlers<typeof sessionRoutes> {
  return {
    async signIn({ body }) {
      const who = await identify(db, body.token, 'token')
      const personId = who.personId ?? (await ownerOf(db, body.name ?? 'Owner', who))
      const { secret } = await issueToken(db, {
        name: `browser of ${who.name}`,
        role: who.role,
        kind: 'session',
        personId,
        days: sessionDays,
      })
      return { personId, name: body.name ?? who.name, role: who.role, kind: 'person', session: secret }
    },
    whoAmI: (_call, caller) => {
      const { personId, name, role, kind } = caller as Identity
      return { personId, name, role, kind }
    },
    async signOut(_call, caller) {
      await db
        .update(token)
        .set({ revokedAt: new Date() })
        .where(and(eq(token.id, (caller as Identity).tokenId), eq(token.kind, 'session')))
      return { ok: true }
    },
    async listTokens() {
      const rows = await db
        .select()
        .from(token)
        .where(and(eq(token.kind, 'token'), isNull(token.revokedAt)))
      return { tokens: rows.map(toInfo) }
    },
    async makeToken({ body }, caller) {
      const { row, secret } = await issueToken(db, { ...body, kind: 'token', personId: caller.personId })
      return { token: toInfo(row), secret }
    },
    async revokeToken({ params }) {
      const rows = await db.update(token).set({ revokedAt: new Date() }).where(eq(token.id, params.id)).returning()
      if (rows.length === 0) throw new Refusal('not_found', `There is no token ${params.id}.`)
      return { ok: true }
    },
    async listPeople() {
      const rows = await db.select().from(person).where(isNull(person.removedAt))
      return { people: rows.map(({ id, name, email, role }) => ({ id, name, email, role: role as Role })) }
    },
    async invitePerson({ body }) {
      const id = newId('person')
      await db.insert(person).values({ id, name: body.name, email: body.email ?? null, role: body.role })
      const { secret } = await issueToken(db, {
        name: body.name,
        role: body.role,
        kind: 'token',
        personId: id,
        days: null,
      })
      return { id, secret }
    },
    async removePerson({ params }) {
      const rows = await db.update(person).set({ removedAt: new Date() }).where(eq(person.id, params.id)).returning()
      if (rows.length === 0) throw new Refusal('not_found', `There is no person ${params.id}.`)
      return { ok: true }
    },
  }
}

const ownerSubject = 'house#owner'

/** Whoever holds the house's own token is its owner and admin; other tokens without a person are for programs. */
async function ownerOf(db: Db, name: string, who: Identity): Promise<string> {
  if (who.tokenId !== houseTokenId) {
    throw new Refusal('forbidden', 'This token is for programs; ask an admin to invite you as a person.')
  }
  const [row] = await db
    .insert(person)
    .values({ id: newId('person'), name, subject: ownerSubject, role: 'admin' })
    .onConflictDoUpdate({ target: person.subject, set: { removedAt: null } })
    .returning()
  if (!row) throw new Error('The owner was not written')
  return row.id
}
