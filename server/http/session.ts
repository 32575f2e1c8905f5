// Handlers of sessions, access tokens and people.
import { newId, Refusal } from '@seatrial/protocol'
import type { Role, sessionRoutes, TokenInfo } from '@seatrial/protocol/api'
import { and, eq, isNotNull, isNull, ne } from 'drizzle-orm'
import { pagesChanged } from '../journey/verdicts/changed.ts'
import type { Db } from '../store/database.ts'
import { person, token } from '../store/tables.ts'
import { type Identity, identify, issueToken, startSession } from './access.ts'
import type { Handlers } from './handlers.ts'

export interface SessionOptions {
  /** Whether a team's identity provider is set up. */
  oidc: boolean
  /** Ends what is open under a token, or under all tokens of a person. */
  cut(holder: { tokenId: string } | { personId: string }): void
}

const toInfo = (row: typeof token.$inferSelect): TokenInfo => ({
  id: row.id,
  name: row.name,
  role: row.role as Role,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
})

export function sessionHandlers(db: Db, { oidc, cut }: SessionOptions): Handlers<typeof sessionRoutes> {
  return {
    sessionWays: () => ({ token: true, oidc }),
    async signIn({ body }) {
      const who = await identify(db, body.token, 'token')
      if (!who.signsIn) {
        throw new Refusal('forbidden', 'This token is for programs; ask an admin to invite you as a person.')
      }
      const owner = who.personId ? null : await ownerOf(db, body.name ?? 'Owner')
      const personId = owner ?? who.personId!
      const name = body.name ?? who.name
      return { personId, name, role: who.role, kind: 'person', session: await startSession(db, { personId, name }) }
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
      pagesChanged()
      cut({ tokenId: (caller as Identity).tokenId })
      return { ok: true }
    },
    async listTokens() {
      const rows = await db
        .select()
        .from(token)
        .where(and(ne(token.kind, 'session'), isNull(token.revokedAt)))
      return { tokens: rows.map(toInfo) }
    },
    async makeToken({ body }, caller) {
      const { row, secret } = await issueToken(db, { ...body, kind: 'token', personId: caller.personId })
      return { token: toInfo(row), secret }
    },
    async revokeToken({ params }) {
      const rows = await db.update(token).set({ revokedAt: new Date() }).where(eq(token.id, params.id)).returning()
      if (rows.length === 0) throw new Refusal('not_found', `There is no token ${params.id}.`)
      pagesChanged()
      cut({ tokenId: params.id })
      return { ok: true }
    },
    async listPeople() {
      const rows = await db.select().from(person).where(isNull(person.removedAt))
      return { people: rows.map(({ id, name, email, role }) => ({ id, name, email, role: role as Role })) }
    },
    async invitePerson({ body }) {
      const { name, role } = body
      const email = body.email?.toLowerCase() ?? null
      // An address that was removed is the same person come back, with none of the old keys.
      const [row] = await db
        .insert(person)
        .values({ id: newId('person'), name, email, role })
        .onConflictDoUpdate({
          target: person.email,
          set: { name, role, removedAt: null },
          setWhere: isNotNull(person.removedAt),
        })
        .returning()
      if (!row) throw new Refusal('conflict', `${email} belongs to a person of this house already.`)
      const { secret } = await issueToken(db, { name, role, kind: 'invite', personId: row.id, days: null })
      return { id: row.id, secret }
    },
    async changePerson({ params, body }) {
      const [row] = await db
        .update(person)
        .set({ role: body.role })
        .where(and(eq(person.id, params.id), isNull(person.removedAt)))
        .returning()
      if (!row) throw new Refusal('not_found', `There is no person ${params.id}.`)
      return { id: row.id, name: row.name, email: row.email, role: row.role as Role }
    },
    async removePerson({ params }) {
      const removedAt = new Date()
      await db.transaction(async (tx) => {
        const rows = await tx.update(person).set({ removedAt }).where(eq(person.id, params.id)).returning()
        if (rows.length === 0) throw new Refusal('not_found', `There is no person ${params.id}.`)
        // So that nothing old opens the house when the person is invited again.
        await tx
          .update(token)
          .set({ revokedAt: removedAt })
          .where(and(eq(token.personId, params.id), isNull(token.revokedAt)))
      })
      pagesChanged()
      cut({ personId: params.id })
      return { ok: true }
    },
  }
}

const ownerSubject = 'house#owner'

/** Whoever holds the house's own token is its owner and admin. */
async function ownerOf(db: Db, name: string): Promise<string> {
  const [row] = await db
    .insert(person)
    .values({ id: newId('person'), name, subject: ownerSubject, role: 'admin' })
    .onConflictDoUpdate({ target: person.subject, set: { removedAt: null, role: 'admin' } })
    .returning()
  if (!row) throw new Error('The owner was not written')
  return row.id
}
