// When work that comes back was last done: a row, so that neither a restart nor a second house does it twice.
import { pgTable, text, timestamp } from 'drizzle-orm/pg-core'

export const chore = pgTable('chore', {
  name: text('name').primaryKey(),
  doneAt: timestamp('done_at', { withTimezone: true, mode: 'date', precision: 3 }).notNull(),
})
