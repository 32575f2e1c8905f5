// What a rendered page rests on, as one short text from one query: the same stamp, the same page.
import { sql } from 'drizzle-orm'
import type { Db } from '../../store/database.ts'

/** Null when there is no comparison of exactly this address, or when strangers may not see it. */
export async function stampOf(db: Db, slug: string, stranger: boolean): Promise<string | null> {
  const found = (await db.execute(sql`
    select concat_ws('.', c.published, (select max(version) from verdict where comparison_id = c.id),
      (select max(id) from vote_event), (select count(*) from person where removed_at is not null),
      (select seq from verdict_cursor where id = 'runs'), (select max(updated_at) from dossier)) as stamp, c.published
    from comparison c where c.slug = ${slug}`)) as unknown as { rows: { stamp: string; published: boolean }[] }
  const [row] = found.rows
  return !row || (stranger && !row.published) ? null : row.stamp
}
