// Tells a database that was away (restarted, cut off) from a query that was wrong.
import { DrizzleQueryError } from 'drizzle-orm/errors'

/** Codes of the system, and of PostgreSQL for a lost connection, and as it goes down, starts or drops a session. */
const awayCodes = /^(ECONN\w+|E(HOST|NET)(UNREACH|DOWN)|ETIMEDOUT|EPIPE|080(00|01|03|06)|57P0[1-5]|25P03)$/
/** What the `pg` client says without a code. A query without an answer is none of them: it may be too slow for ever. */
const awayWords =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/

/** Whether a query failed because the database could not be reached, so that the same query may succeed later. */
export function databaseWasAway(error: unknown): boolean {
  const cause = error instanceof DrizzleQueryError ? error.cause : null
  if (!(cause instanceof Error)) return false
  if (awayWords.test(cause.message)) return true
  return 'code' in cause && awayCodes.test(String(cause.code))
}
