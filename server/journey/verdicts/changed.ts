// Says that something has changed which comparison pages show, or who may read them. Whoever writes it says so after the
// commit; pages that were rendered before are worth nothing then.
import type { Db } from '../../store/database.ts'
import { transact } from '../../store/log.ts'

let changes = 0

export const pagesChanged = (): void => {
  changes += 1
}

/** The same number, the same pages. */
export const pagesState = (): number => changes

/** A transaction after which pages are rendered anew. */
export async function changePages<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  const result = await transact(db, work)
  pagesChanged()
  return result
}
