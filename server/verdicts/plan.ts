// The next tasks worth paying for: how many more it takes until a verdict can be named, if things go on as they did.
import type { Estimate } from '@seatrial/protocol'
import { formula } from './formula.ts'
import { eValue } from './statistics/e-value.ts'
import { dollars, type Names, plural } from './words.ts'

export interface Plan {
  sentences: string[]
  tasks: number | null
  costMicros: number | null
}

const mostTasks = 500

/** Further decided tasks until e reaches the bar when the leader keeps its share of them; null when it never does. */
export function tasksToShip(wins: number, losses: number): number | null {
  const [lead, trail] = [Math.max(wins, losses), Math.min(wins, losses)]
  // Where nothing is known, one of them is taken to win three of four.
  const share = (lead + 1.5) / (lead + trail + 2)
  for (let more = 0; more <= mostTasks; more++) {
    const [w, l] = [lead + Math.round(more * share), trail + more - Math.round(more * share)]
    if (w > l && eValue(w, l) >= formula.shipE) return more
  }
  return null
}

/** `perTaskMicros` is what both sides together have cost per shared task; null when unknown. */
export function planOf(names: Names, estimate: Estimate, perTaskMicros: number | null): Plan {
  const { wins, losses, ties, tasks, label, provisional } = estimate
  if (label.startsWith('ship-') && label !== 'ship-neither')
    return { sentences: ['The verdict is named; more tasks would only narrow the intervals.'], tasks: 0, costMicros: 0 }
  const decided = tasksToShip(wins, losses)
  if (decided === null)
    return {
      sentences: [
        `${names.a} and ${names.b} are so even that ${mostTasks} more tasks would not settle it; choose by price.`,
      ],
      tasks: null,
      costMicros: null,
    }
  // Ties tell nothing apart, so they stretch the plan.
  const stretch = wins + losses > 0 ? (wins + losses + ties) / (wins + losses) : 1
  const more = Math.max(Math.ceil(decided * stretch), formula.leastTasks - tasks, provisional ? formula.leastTasks : 0)
  const costMicros = perTaskMicros === null ? null : Math.round(more * perTaskMicros)
  const even = eValue(wins + decided, losses)
  return {
    tasks: more,
    costMicros,
    sentences: [
      `About ${plural(more, 'more shared task')} if things go on as they did${costMicros === null ? '' : `, for about ${dollars(costMicros)}`}.`,
      wins + losses === 0
        ? 'Seven wins in a row would do; five tasks decide nothing.'
        : `If the leader won them all, e would be ${even.toFixed(0)}.`,
      ...(provisional ? ['Accept or reject the candidates: gates alone never name more than LEAN.'] : []),
    ],
  }
}
