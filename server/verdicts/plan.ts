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

/** The fewest further wins of the leader, without a loss, until e reaches the bar. */
function winsToShip(wins: number, losses: number): number {
  const [lead, trail] = [Math.max(wins, losses), Math.min(wins, losses)]
  let more = 0
  while (lead + more <= trail || eValue(lead + more, trail) < formula.shipE) more += 1
  return more
}

/** `perTaskMicros` is what both sides together have cost per shared task; null when unknown. */
export function planOf(names: Names, estimate: Estimate, perTaskMicros: number | null): Plan {
  const { wins, losses, ties, tasks, label, provisional } = estimate
  if (label.startsWith('ship-') && label !== 'ship-neither')
    return { sentences: ['The verdict is named; more tasks would only narrow the intervals.'], tasks: 0, costMicros: 0 }
  const soonest = winsToShip(wins, losses)
  const least = Math.max(soonest, formula.leastTasks - tasks)
  const accept = provisional ? ['Accept or reject the candidates: gates alone never name more than LEAN.'] : []
  const decided = wins + losses === 0 ? null : tasksToShip(wins, losses)
  const costOf = (more: number): number | null => (perTaskMicros === null ? null : Math.round(more * perTaskMicros))
  if (wins + losses === 0)
    return {
      tasks: least,
      costMicros: costOf(least),
      sentences: [
        `At the least ${plural(least, 'more shared task')}${forMoney(costOf(least))}, if one of them wins every one; five tasks decide nothing.`,
        ...accept,
      ],
    }
  if (decided === null)
    return {
      sentences: [
        `${names.a} and ${names.b} are so even that ${mostTasks} more tasks would not settle it; choose by price.`,
      ],
      tasks: null,
      costMicros: null,
    }
  // Ties tell nothing apart, so they stretch the plan.
  const stretch = (wins + losses + ties) / (wins + losses)
  const more = Math.max(Math.ceil(decided * stretch), formula.leastTasks - tasks, provisional ? formula.leastTasks : 0)
  return {
    tasks: more,
    costMicros: costOf(more),
    sentences: [
      `About ${plural(more, 'more shared task')} if things go on as they did${forMoney(costOf(more))}.`,
      `At the soonest after ${plural(least, 'more task')}, if ${leader(names, wins, losses)} wins every one.`,
      ...accept,
    ],
  }
}

const forMoney = (micros: number | null): string =>
  micros === null || micros === 0 ? '' : `, for about ${dollars(micros)}`
const leader = ({ a, b }: Names, wins: number, losses: number): string =>
  wins === losses ? 'one of them' : wins > losses ? a : b
