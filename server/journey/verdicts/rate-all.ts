// Ratings of all contenders from the cells of their comparisons: what people kept, else the gates.
import type { RatingRow } from '@seatrial/protocol'
import { eq } from 'drizzle-orm'
import type { Db } from '../../store/database.ts'
import { cell, comparison } from '../../store/verdict-tables.ts'
import { type Pairing, rate } from '../../verdicts/statistics/bradley-terry.ts'

export async function rateAll(db: Db): Promise<{ ratings: RatingRow[]; pairings: number }> {
  const rows = await db
    .select({ a: comparison.a, b: comparison.b, taskId: cell.taskId, body: cell.body })
    .from(cell)
    .innerJoin(comparison, eq(comparison.id, cell.comparisonId))
  const number = new Map<string, number>()
  const tasks = new Map<string, number>()
  const numberOf = (map: Map<string, number>, key: string): number => {
    const found = map.get(key) ?? map.size
    map.set(key, found)
    return found
  }
  const pairings: Pairing[] = []
  for (const { a, b, taskId, body } of rows) {
    const score = body.kept ?? body.gates
    const gap = score ? score.a - score.b : 0
    const won = gap !== 0 ? gap > 0 : body.chosen ? body.chosen === 'a' : null
    pairings.push({
      a: numberOf(number, a),
      b: numberOf(number, b),
      score: won === null ? 0.5 : won ? 1 : 0,
      task: numberOf(tasks, taskId),
    })
  }
  const names = [...number.keys()]
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
  const ratings = rate(names.length, pairings)
    .map(({ strength, lower, upper, games, group }, i) => ({
      contender: names[i]!,
      rating: strength,
      lower: finite(lower),
      upper: finite(upper),
      pairings: games,
      group,
    }))
    .sort((x, y) => y.rating - x.rating)
  return { ratings, pairings: pairings.length }
}
