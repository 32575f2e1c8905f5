// Which person an answer of the identity provider is: known by subject, invited by verified address, or a new member.
import { newId, Refusal } from '@seatrial/protocol'
import { and, eq, isNull } from 'drizzle-orm'
import type { Db } from '../store/database.ts'
import { person } from '../store/tables.ts'
import type { Claims } from './oidc.ts'

/** Refuses foreign domains and people who were removed. Nobody becomes an admin here: that takes the house's token. */
export async function personOf(
  db: Db,
  claims: Claims,
  domains: readonly string[],
): Promise<{ id: string; name: string }> {
  const { subject, name, email } = claims
  const domain = claims.emailVerified ? email?.split('@').at(-1) : undefined
  if (domains.length > 0 && (!domain || !domains.includes(domain))) {
    throw new Refusal('forbidden', `Only verified addresses at ${domains.join(', ')} may sign in here.`)
  }
  return db.transaction(async (tx) => {
    const [known] = await tx.select().from(person).where(eq(person.subject, subject))
    if (known?.removedAt) {
      throw new Refusal('forbidden', 'You were removed from this house; ask an admin to invite you again.')
    }
    if (known) {
      await tx.update(person).set({ name }).where(eq(person.id, known.id))
      return { id: known.id, name }
    }
    const [holder] = email ? await tx.select().from(person).where(eq(person.email, email)) : []
    if (holder) {
      const [invited] = claims.emailVerified
        ? await tx
            .update(person)
            .set({ subject, name })
            .where(and(eq(person.id, holder.id), isNull(person.subject), isNull(person.removedAt)))
            .returning()
        : []
      if (!invited) throw new Refusal('forbidden', 'Your address belongs to another person here; ask an admin.')
      return { id: invited.id, name }
    }
    // Two tabs may come back at the same moment.
    const [made] = await tx
      .insert(person)
      .values({ id: newId('person'), name, email, subject, role: 'member' })
      .onConflictDoUpdate({ target: person.subject, set: { name } })
      .returning()
    if (!made) throw new Error('The person was not written')
    return { id: made.id, name }
  })
}
