// What is counted for a verdict: runs, cells of shared tasks, and their sums. All integers, so that adding a cell and
// taking it away again is exact and no order matters.
import type { Stance, Vote } from './review.ts'

/** Scores are kept in millionths. */
export const scoreUnit = 1_000_000

/** What a finished trial says of its contender. */
export interface RunFacts {
  /** `infrastructure`: not the contender's doing; counts nowhere. */
  status: 'offered' | 'failed' | 'infrastructure'
  /** 1 when people took it and it stayed, 0 when they turned it down for its own sake; null when that says nothing. */
  kept: 0 | 1 | null
  /** Did it pass every gate? Null when it was not judged. */
  gates: boolean | null
  /** A person took this candidate, or took another contender's of the same task and left this one. */
  chosen: 'taken' | 'left' | null
  /** Null while a price is unknown. */
  costMicros: number | null
  reviews: { stance: Stance; vote: Vote; pShip: number }[]
}

export interface Pair {
  a: number
  b: number
}

export interface StanceCount {
  ship: number
  skip: number
  abstain: number
  /** Sum of probabilities, in millionths. */
  p: number
}
export type StanceCounts = Record<Stance, StanceCount>

/** One shared task: what both sides did there. */
export interface Cell {
  /** Mean over attempts that people judged, in millionths; null when one side has none. */
  kept: Pair | null
  /** The same by gates. */
  gates: Pair | null
  /** Whose candidate a person took while the other's was offered. */
  chosen: 'a' | 'b' | null
  /** Of all attempts but infrastructure failures. */
  cost: Pair
  unpriced: Pair
  /** Attempts that were kept, and attempts that passed the gates. */
  keptCount: Pair
  gatesCount: Pair
  candidates: Pair
  vetoed: Pair
  stances: { a: StanceCounts; b: StanceCounts }
}

/** Sums over the tasks of one measure (people's word, or gates). */
export interface Track {
  tasks: number
  wins: number
  losses: number
  ties: number
  /** Sums of scores, in millionths. */
  score: Pair
  cost: Pair
  shipped: Pair
  unpriced: Pair
  /** The cost bootstrap: `[costA, costB, shippedA, shippedB]` of each replicate, one after the other. */
  drawn: number[]
}

export interface Tally {
  kept: Track
  gates: Track
  candidates: Pair
  vetoed: Pair
  stances: { a: StanceCounts; b: StanceCounts }
  /** Sum of the SHA-256 of all cells modulo 2^256, in hexadecimal: the same cells in any order give the same print. */
  print: string
}

/** All that is kept of a reviewer's past. */
export interface Labels {
  n: number
  /** How many stayed shipped. */
  stayed: number
  /** Sum of (p - y)², in billionths. */
  squares: number
  /** Per twentieth of p: `[labels, stayed]`. */
  bins: [number, number][]
}
