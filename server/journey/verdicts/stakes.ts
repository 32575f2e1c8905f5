// Who has a stake in a comparison: their votes are shown and not counted. Asked anew whenever votes are counted, because a
// stake may come after the vote.
import { join } from 'node:path'
import { parseContender } from '@seatrial/protocol'
import { eq, inArray, sql } from 'drizzle-orm'
import { type HouseToml, readHouseToml } from '../../project/house-toml.ts'
import type { Db } from '../../store/database.ts'
import { decision, person, task, trial } from '../../store/tables.ts'
import { dossier } from '../../store/verdict-tables.ts'
import type { Rooms } from '../rooms.ts'
import type { ComparisonRow } from './count.ts'
import { sharedTasks } from './runs.ts'

type Models = HouseToml['models']
/** By person: why the vote does not count. */
export type Stakes = Map<string, string>

const notCounted = 'your vote is shown and not counted.'
const words = {
  task: `You gave a task that is compared here: ${notCounted}`,
  decision: `You decided on a candidate that is compared here: ${notCounted}`,
  dossier: `You entered one of these dossiers: ${notCounted}`,
  maintainer: `You maintain one of these models: ${notCounted}`,
}

/** The same, for callers that have not read the settings. */
export async function stakesOf(rooms: Rooms, row: ComparisonRow): Promise<Stakes> {
  const { models } = await readHouseToml(join(rooms.config.dataDir, 'house.toml'))
  return stakesIn(rooms.store.db, row, models)
}

export async function stakesIn(db: Db, row: ComparisonRow, models: Models): Promise<Stakes> {
  if (row.kind !== 'dossiers') return new Map([...(await maintainers(db, row, models)), ...(await workers(db, row))])
  const owned = await db
    .select({ owner: dossier.ownerId })
    .from(dossier)
    .where(inArray(dossier.slug, [row.a, row.b]))
  return new Map(owned.flatMap(({ owner }) => (owner ? [[owner, words.dossier]] : [])))
}

/** What this machine's own token did was done by the house's owner. */
const orOwner = (column: typeof task.createdBy | typeof decision.by) =>
  sql<string | null>`coalesce(${column}, (select id from person where subject = 'house#owner'))`

/** Who gave the tasks, and who accepted or rejected what came of them: their word is in the evidence already. */
async function workers(db: Db, row: ComparisonRow): Promise<Stakes> {
  const tasks =
    row.kind === 'contenders'
      ? sharedTasks(db, row)
      : db.select({ taskId: trial.taskId }).from(trial).where(eq(trial.id, row.a))
  const givers = await db
    .selectDistinct({ id: orOwner(task.createdBy) })
    .from(task)
    .where(inArray(task.id, tasks))
  const deciders = await db
    .selectDistinct({ id: orOwner(decision.by) })
    .from(decision)
    .where(inArray(decision.taskId, tasks))
  const told = (rows: { id: string | null }[], why: string) =>
    rows.flatMap(({ id }) => (id ? [[id, why] as const] : []))
  return new Map([...told(deciders, words.decision), ...told(givers, words.task)])
}

/** People whom `house.toml` names beside a model that one of the sides runs on. */
async function maintainers(db: Db, row: ComparisonRow, models: Models): Promise<Stakes> {
  const sides = row.kind === 'contenders' ? [row.a, row.b] : await contendersOf(db, [row.a, row.b])
  const mails = sides.flatMap((side) => models[parseContender(side).model ?? '']?.maintainers ?? [])
  if (mails.length === 0) return new Map()
  const people = await db.select({ id: person.id }).from(person).where(inArray(person.email, mails))
  return new Map(people.map(({ id }) => [id, words.maintainer]))
}

const contendersOf = async (db: Db, trials: string[]): Promise<string[]> =>
  (await db.select({ contender: trial.contender }).from(trial).where(inArray(trial.id, trials))).map(
    ({ contender }) => contender,
  )
