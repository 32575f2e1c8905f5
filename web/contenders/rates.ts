// How often what a contender offered was taken, and how well reviewers foresaw it; always with the uncertainty.
import type { TaskView } from '@seatrial/protocol/api'
import type { PanelReport, Stance } from '@seatrial/protocol/review'
import type { Trial } from '@seatrial/protocol/task'

export interface Rate {
  hits: number
  of: number
  /** Share and its 95% Wilson interval; null without a single case. */
  share: number | null
  low: number
  high: number
}

/** The Wilson score interval at 95%. */
export function rate(hits: number, of: number): Rate {
  if (of === 0) return { hits, of, share: null, low: 0, high: 1 }
  const z = 1.959964
  const share = hits / of
  const middle = (share + (z * z) / (2 * of)) / (1 + (z * z) / of)
  const half = (z / (1 + (z * z) / of)) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of))
  return { hits, of, share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

const median = (values: readonly number[]): number | null => {
  const sorted = [...values].sort((a, b) => a - b)
  if (sorted.length === 0) return null
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Tasks a person has ruled on, with the trial that was taken, if any. */
export function ruledOn(tasks: readonly TaskView[]): { task: TaskView; taken: string | null }[] {
  return tasks.flatMap((task) => {
    const decision = task.decisions.findLast(
      ({ kind, state }) => (kind === 'accept' && state === 'applied') || (kind === 'reject' && state === 'recorded'),
    )
    return decision ? [{ task, taken: decision.kind === 'accept' ? decision.trialId : null }] : []
  })
}

export interface Standing {
  contender: string
  /** Tasks where its work was taken, of tasks it took part in that were ruled on. */
  taken: Rate
  trials: number
  /** Ended without a candidate for reasons of its own; infrastructure never counts. */
  failed: number
  micros: number | null
  minutes: number | null
}

export function standings(tasks: readonly TaskView[]): Standing[] {
  const trials = tasks.flatMap((task) => task.trials)
  const ruled = ruledOn(tasks)
  const own = (list: readonly Trial[], contender: string) => list.filter((trial) => trial.contender === contender)
  return [...new Set(trials.map(({ contender }) => contender))]
    .map((contender) => {
      const mine = own(trials, contender)
      const entered = ruled.filter(({ task }) => own(task.trials, contender).length > 0)
      const hits = entered.filter(({ task, taken }) =>
        own(task.trials, contender).some(({ id }) => id === taken),
      ).length
      const priced = mine.flatMap(({ usage }) => (usage.micros === null ? [] : [usage.micros]))
      const took = mine.flatMap(({ startedAt, endedAt }) =>
        startedAt && endedAt ? [(Date.parse(endedAt) - Date.parse(startedAt)) / 60_000] : [],
      )
      return {
        contender,
        taken: rate(hits, entered.length),
        trials: mine.length,
        failed: mine.filter(({ failure }) => failure && failure.kind !== 'infrastructure').length,
        micros: median(priced),
        minutes: median(took),
      }
    })
    .sort((a, b) => (b.taken.share ?? -1) - (a.taken.share ?? -1) || b.trials - a.trials)
}

export interface ReviewerStanding {
  stance: Stance
  engine: string
  /** Votes that agree with what the person did, abstentions left out. */
  right: Rate
  ships: number
  skips: number
  abstains: number
  /** 1 minus its squared error over that of always saying the base rate; null while it cannot be told. */
  skill: number | null
  sentence: string
}

/** Panels of ruled trials, each with whether the person took the trial. */
export function reviewerStandings(cases: readonly { panel: PanelReport; taken: boolean }[]): ReviewerStanding[] {
  const base = cases.filter(({ taken }) => taken).length / Math.max(cases.length, 1)
  const groups = Map.groupBy(
    cases.flatMap(({ panel, taken }) => panel.reviews.map((review) => ({ review, taken }))),
    ({ review }) => `${review.stance} ${review.engine}`,
  )
  return [...groups.values()].map((list) => {
    const { stance, engine } = list[0]!.review
    const voted = list.filter(({ review }) => review.vote !== 'abstain')
    const ships = voted.filter(({ review }) => review.vote === 'ship').length
    const right = voted.filter(({ review, taken }) => (review.vote === 'ship') === taken).length
    const error = (of: (one: (typeof list)[number]) => number) =>
      list.reduce((sum, one) => sum + (of(one) - Number(one.taken)) ** 2, 0)
    const plain = error(() => base)
    const oneNote = voted.length > 0 && (ships === 0 || ships === voted.length)
    const skill = oneNote ? 0 : plain === 0 ? null : 1 - error(({ review }) => review.pShip) / plain
    return {
      stance,
      engine,
      right: rate(right, voted.length),
      ships,
      skips: voted.length - ships,
      abstains: list.length - voted.length,
      skill,
      sentence: oneNote
        ? `Always says ${ships > 0 ? 'ship' : 'skip'}, so its vote tells nothing.`
        : skill === null
          ? 'Nothing to tell yet: every case ended the same way.'
          : skill > 0
            ? 'Foresees better than the base rate.'
            : 'Foresees no better than the base rate.',
    }
  })
}
