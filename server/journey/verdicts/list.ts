// Comparisons with their newest verdict, in four queries however many there are.
import type { VerdictLabel } from '@seatrial/protocol'
import { desc, eq, inArray } from 'drizzle-orm'
import type { Db } from '../../store/database.ts'
import { trial } from '../../store/tables.ts'
import { comparison, dossier, verdict } from '../../store/verdict-tables.ts'
import { labelWords, type Names } from '../../verdicts/words.ts'

export interface ComparisonLine extends Names {
  slug: string
  label: VerdictLabel
  words: string
  sentence: string
  at: string
}

/** Newest comparison first; `published` leaves out the others. */
export async function listComparisons(
  db: Db,
  options: { published: boolean; most: number },
): Promise<ComparisonLine[]> {
  const { id, slug, kind, a, b } = comparison
  const rows = await db
    .select({ id, slug, kind, a, b })
    .from(comparison)
    .where(options.published ? eq(comparison.published, true) : undefined)
    .orderBy(desc(comparison.createdAt))
    .limit(options.most)
  if (rows.length === 0) return []
  const newest = await db
    .selectDistinctOn([verdict.comparisonId], {
      comparisonId: verdict.comparisonId,
      estimate: verdict.estimateView,
      sentence: verdict.sentence,
      at: verdict.at,
    })
    .from(verdict)
    .where(
      inArray(
        verdict.comparisonId,
        rows.map((row) => row.id),
      ),
    )
    .orderBy(verdict.comparisonId, desc(verdict.version))
  const byId = new Map(newest.map((row) => [row.comparisonId, row]))
  const names = await namesOfAll(db, rows)
  return rows.flatMap((row) => {
    const found = byId.get(row.id)
    if (!found) return []
    const { label } = found.estimate
    const own = { a: names(row.kind, row.a), b: names(row.kind, row.b) }
    const { sentence, at } = found
    return [{ slug: row.slug, ...own, label, words: labelWords(label, own), sentence, at: at.toISOString() }]
  })
}

type Sides = { kind: string; a: string; b: string }

/** What sides are called, by the kind of their comparison. */
export async function namesOfAll(db: Db, rows: readonly Sides[]): Promise<(kind: string, side: string) => string> {
  const sides = (kind: string): string[] => rows.filter((row) => row.kind === kind).flatMap(({ a, b }) => [a, b])
  const [slugs, trials] = [sides('dossiers'), sides('candidates')]
  const dossiers = slugs.length > 0 ? await db.select().from(dossier).where(inArray(dossier.slug, slugs)) : []
  const { id, contender } = trial
  const ran = trials.length > 0 ? await db.select({ id, contender }).from(trial).where(inArray(trial.id, trials)) : []
  const named = new Map<string, string>([
    ...dossiers.map(({ slug, body }) => [`dossiers ${slug}`, body.name] as const),
    ...trials.map((each) => [`candidates ${each}`, `trial (${each})`] as const),
    ...ran.map((each) => [`candidates ${each.id}`, `${each.contender} (${each.id})`] as const),
  ])
  return (kind, side) => named.get(`${kind} ${side}`) ?? side
}
