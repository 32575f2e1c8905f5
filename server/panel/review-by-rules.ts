// One reviewer that works with no model: a small logistic table over the signals of its stance.
import type { Finding, Forecast, Review, Signal, Stance, Vote } from '@seatrial/protocol'
import { bars, sigmoid, stances, weightOf } from './stances.ts'
import { writeText } from './write-review.ts'

interface Weighed {
  signal: Signal
  weight: number
}

/** A stance's word on a candidate. Only signals of `tree` are looked at; stale ones count as not measured. */
export function reviewByRules(stance: Stance, signals: readonly Signal[], tree: string, today: string): Review {
  const rules = stances[stance]
  const weighed: Weighed[] = signals.flatMap((raw) => {
    const weights = rules.weights[raw.kind]
    if (!weights) return []
    const signal = raw.tree === tree ? raw : stale(raw)
    return [{ signal, weight: weightOf(signal, weights) }]
  })
  const known = weighed.some(({ signal }) => signal.state === 'measured' && rules.needs.includes(signal.kind))
  const score = weighed.reduce((sum, one) => sum + one.weight, rules.start)
  // What was not measured may keep a vote from being ship; only something grave that was measured can make it skip.
  const grave = weighed.some(
    ({ signal, weight }) => weight < 0 && graveEnough.has(signal.severity) && signal.verdict === 'bad',
  )
  const pShip = known ? sigmoid(score) : grave ? Math.min(0.5, sigmoid(score)) : 0.5
  const vote = voteOf(pShip, known)
  const ordered = weighed.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || rank(b) - rank(a))
  const agreeing = ordered.filter((one) => speaksFor(one, vote))
  const { text, cites } = writeText((agreeing.length > 0 ? agreeing : ordered).slice(0, 4).map((one) => one.signal))
  return {
    stance,
    engine: 'rules',
    family: null,
    vote,
    pShip: round(pShip),
    text,
    cites,
    changeMyMind: changeMyMind(vote, ordered, rules.cares),
    forecast: stance === 'futurist' && known ? forecast(pShip, today) : null,
    findings: findingsOf(ordered),
    excluded: null,
  }
}

const graveEnough = new Set(['major', 'critical'])

function voteOf(pShip: number, known: boolean): Vote {
  if (pShip <= bars.skip) return 'skip'
  return known && pShip >= bars.ship ? 'ship' : 'abstain'
}

const stale = (signal: Signal): Signal => ({
  ...signal,
  state: 'not_measured',
  verdict: null,
  sentence: `Measured on another tree, so it says nothing here`,
  places: [],
})
const rank = ({ signal }: Weighed): number => (signal.state === 'measured' ? 1 : 0)
const round = (p: number): number => Math.round(p * 1000) / 1000

function speaksFor({ signal, weight }: Weighed, vote: Vote): boolean {
  if (vote === 'ship') return signal.state === 'measured' && weight >= 0
  if (vote === 'skip') return weight < 0
  return weight < 0 || signal.state !== 'measured'
}

/** The one signal that, turned around, would do most to turn the vote. */
function changeMyMind(vote: Vote, ordered: readonly Weighed[], cares: string): string {
  const worst = ordered.find((one) => one.weight < 0)
  if (vote === 'skip' && worst) return `I would ship once this is gone: ${worst.signal.sentence} [${worst.signal.id}].`
  const gap = ordered.find(({ signal }) => signal.state !== 'measured')
  if (vote === 'abstain' && gap) return `I would vote once this is measured: ${gap.signal.kind} [${gap.signal.id}].`
  const strongest = ordered.find((one) => one.weight > 0) ?? ordered[0]
  if (vote === 'ship' && strongest) {
    const unknown = gap ? `, or if ${gap.signal.kind} [${gap.signal.id}], not measured here, came out bad` : ''
    return `I would skip if ${strongest.signal.kind} turned bad [${strongest.signal.id}]${unknown}.`
  }
  return `Any measured signal that shows ${cares}.`
}

/** As long as the house watches what becomes of an accepted change (`survivalDays` of the verdicts' formula). */
export const forecastDays = 14

/** A claim that comes due and is scored; most accepted changes survive, so the prior is well above the vote's. */
function forecast(pShip: number, today: string): Forecast {
  const due = new Date(Date.parse(today) + forecastDays * 86_400_000).toISOString().slice(0, 10)
  return {
    claim: `If accepted, this change is neither reverted nor hot-fixed by ${due}.`,
    due,
    probability: round(0.35 + 0.6 * pShip),
  }
}

function findingsOf(ordered: readonly Weighed[]): Finding[] {
  const findings = ordered
    .filter((one) => one.weight < 0)
    .flatMap(({ signal }) =>
      signal.places.map((one) => ({
        path: one.path,
        line: one.line,
        sentence: one.text === '' ? signal.sentence : one.text,
        signalId: signal.id,
      })),
    )
  return findings.slice(0, 6)
}
