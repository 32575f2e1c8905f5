// People's votes: signed-in people only, blind at first, one per person and comparison, changeable. They never enter a verdict.
import { type Ballot, type Community, Refusal, type VoteChoice } from '@seatrial/protocol'
import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import type { Db } from '../../store/database.ts'
import { person } from '../../store/tables.ts'
import { ballot, voteEvent } from '../../store/verdict-tables.ts'
import type { Names } from '../../verdicts/words.ts'
import { changePages } from './changed.ts'
import { type ComparisonRow, namesOf } from './count.ts'
import type { Stakes } from './stakes.ts'

export interface Voter {
  personId: string | null
  kind: 'person' | 'token'
}

const mostPerDay = 30
/** Below this many votes, counts are shown and no shares. */
const sharesFrom = 5

type BallotRow = typeof ballot.$inferSelect

/** The person behind a caller. Programs and agents hold tokens, and tokens do not vote. */
export function voterOf(caller: Voter): string {
  if (caller.kind !== 'person' || !caller.personId)
    throw new Refusal('forbidden', 'Only signed-in people vote: agents, programs and access tokens have no vote.')
  return caller.personId
}

/** The ballot of a person; the order of the sides is drawn once and kept. */
export async function ballotOf(db: Db, row: ComparisonRow, caller: Voter, stakes: Stakes): Promise<BallotRow> {
  const personId = voterOf(caller)
  const where = and(eq(ballot.comparisonId, row.id), eq(ballot.personId, personId))
  const [found] = await db.select().from(ballot).where(where)
  if (found) return { ...found, conflict: stakes.get(personId) ?? found.conflict }
  const left = crypto.getRandomValues(new Uint8Array(1))[0]! % 2 === 0 ? 'a' : 'b'
  const conflict = stakes.get(personId) ?? null
  await db.insert(ballot).values({ comparisonId: row.id, personId, left, conflict }).onConflictDoNothing()
  const [drawn] = await db.select().from(ballot).where(where)
  if (!drawn) throw new Error('The ballot was not written')
  return drawn
}

const sideOf = (choice: VoteChoice, left: string): string =>
  choice === 'neither' ? 'neither' : (choice === 'left') === (left === 'a') ? 'a' : 'b'
const choiceOf = (side: string, left: string): VoteChoice =>
  side === 'neither' ? 'neither' : side === left ? 'left' : 'right'

export async function castVote(
  db: Db,
  row: ComparisonRow,
  caller: Voter,
  choice: VoteChoice | null,
  stakes: Stakes,
): Promise<BallotRow> {
  const personId = voterOf(caller)
  const before = await ballotOf(db, row, caller, stakes)
  return changePages(db, async (tx) => {
    const [{ cast } = { cast: 0 }] = await tx
      .select({ cast: sql<number>`count(*)`.mapWith(Number) })
      .from(voteEvent)
      .where(and(eq(voteEvent.personId, personId), gt(voteEvent.at, new Date(Date.now() - 86_400_000))))
    if (cast >= mostPerDay) throw new Refusal('too_many', `${mostPerDay} votes a day are enough; come back tomorrow.`)
    const side = choice === null ? null : sideOf(choice, before.left)
    await tx.insert(voteEvent).values({ comparisonId: row.id, personId, choice: side, blind: before.votedAt === null })
    const [after] = await tx
      .update(ballot)
      .set({ choice: side, votedAt: before.votedAt ?? new Date(), conflict: stakes.get(personId) ?? before.conflict })
      .where(and(eq(ballot.comparisonId, row.id), eq(ballot.personId, personId)))
      .returning()
    if (!after) throw new Error('The vote was not written')
    return after
  })
}

/** The vote as its person sees it. `lines` are what is told of the two sides without their names. */
export async function ballotView(
  db: Db,
  row: ComparisonRow,
  mine: BallotRow,
  lines: { a: string[]; b: string[] },
): Promise<Ballot> {
  const names = await namesOf(db, row)
  const [left, right] = mine.left === 'a' ? (['a', 'b'] as const) : (['b', 'a'] as const)
  const revealed =
    mine.votedAt === null || mine.choice === null
      ? null
      : { left: names[left], right: names[right], choice: choiceOf(mine.choice, mine.left) }
  return { slug: row.slug, left: lines[left], right: lines[right], revealed, conflict: mine.conflict }
}

/** What people said; those with a stake and those who were removed are not counted. */
export async function communityOf(
  db: Db,
  row: ComparisonRow,
  known: { names: Names; personId: string | null; stakes: Stakes },
): Promise<Community> {
  const { names, personId, stakes } = known
  const rows = await db
    .select({ choice: ballot.choice, conflict: ballot.conflict, personId: ballot.personId })
    .from(ballot)
    .innerJoin(person, eq(person.id, ballot.personId))
    .where(and(eq(ballot.comparisonId, row.id), isNull(person.removedAt)))
  const cast = rows.filter(({ choice }) => choice !== null)
  // Whoever had a stake when voting, or has one since.
  const counted = cast.filter((each) => each.conflict === null && !stakes.has(each.personId))
  const count = (choice: string): number => counted.filter((each) => each.choice === choice).length
  const [a, b, neither] = [count('a'), count('b'), count('neither')]
  const total = a + b + neither
  const show = (n: number): string => (total >= sharesFrom ? `${Math.round((100 * n) / total)}%` : String(n))
  const mine = rows.find((each) => each.personId === personId)?.choice ?? null
  return {
    a,
    b,
    neither,
    conflicts: cast.length - counted.length,
    words:
      total === 0
        ? null
        : `${names.a} ${show(a)}, ${names.b} ${show(b)}, neither ${show(neither)} of ${total} vote${total === 1 ? '' : 's'}`,
    mine: mine as Community['mine'],
  }
}
