// Cells of shared tasks and their sums. `compareRuns` makes a cell, `withCell` adds it or takes it away.
import {
  type Cell,
  type Pair,
  type RunFacts,
  Stance,
  type StanceCounts,
  scoreUnit,
  type Tally,
  type Track,
} from '@seatrial/protocol'
import { canonical, shaOf } from './canonical.ts'
import { replicates, weightsOf } from './statistics/cost-ratio.ts'

const noPair = (): Pair => ({ a: 0, b: 0 })
const noStances = (): StanceCounts =>
  Object.fromEntries(Stance.options.map((stance) => [stance, { ship: 0, skip: 0, abstain: 0, p: 0 }])) as StanceCounts

const noTrack = (): Track => ({
  tasks: 0,
  wins: 0,
  losses: 0,
  ties: 0,
  score: noPair(),
  cost: noPair(),
  shipped: noPair(),
  unpriced: noPair(),
  drawn: new Array<number>(replicates * 4).fill(0),
})

export const noTally = (): Tally => ({
  kept: noTrack(),
  gates: noTrack(),
  candidates: noPair(),
  vetoed: noPair(),
  stances: { a: noStances(), b: noStances() },
  print: '0'.repeat(64),
})

const count = (runs: readonly RunFacts[], test: (run: RunFacts) => boolean): number => runs.filter(test).length

/** Mean of what is known, in millionths. */
function mean(values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0
    ? null
    : Math.round((known.reduce((sum, value) => sum + value, 0) / known.length) * scoreUnit)
}

function stancesOf(runs: readonly RunFacts[]): StanceCounts {
  const counts = noStances()
  for (const { stance, vote, pShip } of runs.flatMap(({ reviews }) => reviews)) {
    counts[stance][vote] += 1
    if (vote !== 'abstain') counts[stance].p += Math.round(pShip * scoreUnit)
  }
  return counts
}

/** The cell of a task, or null when one side has only infrastructure failures there, or nothing. */
export function compareRuns(runsOfA: readonly RunFacts[], runsOfB: readonly RunFacts[]): Cell | null {
  const sides = [runsOfA, runsOfB].map((runs) => runs.filter(({ status }) => status !== 'infrastructure'))
  const [a, b] = sides as [RunFacts[], RunFacts[]]
  if (a.length === 0 || b.length === 0) return null
  const pair = (of: (runs: RunFacts[]) => number): Pair => ({ a: of(a), b: of(b) })
  const scores = (of: (run: RunFacts) => number | null): Pair | null => {
    const [left, right] = [mean(a.map(of)), mean(b.map(of))]
    return left === null || right === null ? null : { a: left, b: right }
  }
  const took = (runs: RunFacts[], others: RunFacts[]): boolean =>
    runs.some(({ chosen }) => chosen === 'taken') && others.some(({ chosen }) => chosen === 'left')
  return {
    kept: scores(({ kept }) => kept),
    gates: scores(({ gates }) => (gates === null ? null : Number(gates))),
    chosen: took(a, b) === took(b, a) ? null : took(a, b) ? 'a' : 'b',
    cost: pair((runs) => runs.reduce((sum, { costMicros }) => sum + (costMicros ?? 0), 0)),
    unpriced: pair((runs) => count(runs, ({ costMicros }) => costMicros === null)),
    keptCount: pair((runs) => count(runs, ({ kept }) => kept === 1)),
    gatesCount: pair((runs) => count(runs, ({ gates }) => gates === true)),
    candidates: pair((runs) => count(runs, ({ gates }) => gates !== null)),
    vetoed: pair((runs) => count(runs, ({ status, gates }) => status === 'offered' && gates === false)),
    stances: { a: stancesOf(a), b: stancesOf(b) },
  }
}

const plus = (x: Pair, y: Pair, times: number): Pair => ({ a: x.a + times * y.a, b: x.b + times * y.b })

function withTask(
  track: Track,
  cell: Cell,
  weights: readonly number[],
  measure: { score: Pair | null; shipped: Pair; chosen: 'a' | 'b' | null },
  times: number,
): Track {
  const { score, shipped, chosen } = measure
  if (!score && !chosen) return track
  const gap = score ? score.a - score.b : 0
  // Two marks that differ decide; else the person's choice between the two does.
  const won = gap !== 0 ? (gap > 0 ? 'a' : 'b') : chosen
  const drawn = track.drawn.slice()
  for (const [i, weight] of weights.entries()) {
    const by = times * weight
    drawn[4 * i]! += by * cell.cost.a
    drawn[4 * i + 1]! += by * cell.cost.b
    drawn[4 * i + 2]! += by * shipped.a
    drawn[4 * i + 3]! += by * shipped.b
  }
  return {
    tasks: track.tasks + (score ? times : 0),
    wins: track.wins + (won === 'a' ? times : 0),
    losses: track.losses + (won === 'b' ? times : 0),
    ties: track.ties + (won === null ? times : 0),
    score: score ? plus(track.score, score, times) : track.score,
    cost: plus(track.cost, cell.cost, times),
    shipped: plus(track.shipped, shipped, times),
    unpriced: plus(track.unpriced, cell.unpriced, times),
    drawn,
  }
}

function withStances(sum: StanceCounts, more: StanceCounts, times: number): StanceCounts {
  const result = noStances()
  for (const stance of Stance.options)
    for (const key of ['ship', 'skip', 'abstain', 'p'] as const)
      result[stance][key] = sum[stance][key] + times * more[stance][key]
  return result
}

const modulus = 2n ** 256n

/** The tally with one task's cell added (`times` 1) or taken away (-1). */
export function withCell(tally: Tally, taskId: string, cell: Cell, times: 1 | -1): Tally {
  const weights = weightsOf(taskId)
  const { keptCount, gatesCount, chosen } = cell
  const print = BigInt(`0x${tally.print}`) + BigInt(times) * BigInt(`0x${shaOf(canonical([taskId, cell]))}`)
  return {
    kept: withTask(tally.kept, cell, weights, { score: cell.kept, shipped: keptCount, chosen }, times),
    gates: withTask(tally.gates, cell, weights, { score: cell.gates, shipped: gatesCount, chosen: null }, times),
    candidates: plus(tally.candidates, cell.candidates, times),
    vetoed: plus(tally.vetoed, cell.vetoed, times),
    stances: {
      a: withStances(tally.stances.a, cell.stances.a, times),
      b: withStances(tally.stances.b, cell.stances.b, times),
    },
    print: (((print % modulus) + modulus) % modulus).toString(16).padStart(64, '0'),
  }
}
