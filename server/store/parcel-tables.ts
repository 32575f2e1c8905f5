// Git objects that other machines need: on a shared database every commit that rows speak of lies here as a pack.
import { sql } from 'drizzle-orm'
import {
  bigint,
  bigserial,
  customType,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'

const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' })

export const parcel = pgTable(
  'parcel',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    projectId: text('project_id').notNull(),
    /** Null for a base. */
    trialId: text('trial_id'),
    commit: text('commit').notNull(),
    shallow: text('shallow'),
    at: timestamp('at', { withTimezone: true, mode: 'date', precision: 3 }).notNull().default(sql`now()`),
  },
  (t) => [index('parcel_project').on(t.projectId, t.id), index('parcel_trial').on(t.trialId)],
)

/** The pack of a parcel in pieces, so that no row is larger than a database likes. */
export const parcelPart = pgTable(
  'parcel_part',
  {
    parcelId: bigint('parcel_id', { mode: 'number' })
      .notNull()
      .references(() => parcel.id, { onDelete: 'cascade' }),
    number: integer('number').notNull(),
    bytes: bytea('bytes').notNull(),
  },
  (t) => [primaryKey({ columns: [t.parcelId, t.number] })],
)
