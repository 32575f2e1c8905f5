// How the four stances read a dossier: each sees its own topics only, and says which facts moved it.
import type { Argument, Dossier, Fact, FactTopic, Stance, StanceCounts, Vote } from '@seatrial/protocol'
import { Stance as StanceName, scoreUnit } from '@seatrial/protocol'
import { sigmoid } from '../panel/stances.ts'

interface Reading {
  /** What this reader looks for. */
  asks: string
  topics: FactTopic[]
}

/** Disjoint topics, so that the four votes say different things. */
export const readings: Record<Stance, Reading> = {
  builder: { asks: 'does it get real work done and show it', topics: ['autonomy', 'evidence', 'tests', 'api'] },
  skeptic: { asks: 'what can go wrong, and who pays for it', topics: ['privacy', 'security', 'limits', 'reliability'] },
  futurist: { asks: 'can it be lived with for years', topics: ['licence', 'portability', 'upkeep'] },
  product: { asks: 'does it fit the job and the purse', topics: ['price', 'speed', 'surface', 'modality', 'fit'] },
}

/** Log-odds one fact moves a stance; a vendor's word about itself counts half. */
const weight: Record<Fact['by'], number> = { vendor: 0.4, independent: 0.8, measured: 1 }
const sign: Record<Fact['speaks'], number> = { for: 1, against: -1, neutral: 0 }
/** Fewer facts than this in its topics: it abstains. */
const leastFacts = 2
/** Nearer to even than this, it abstains. */
const bars = { ship: 0.55, skip: 0.45 }
const mostWords = 60

const pull = (fact: Fact): number => sign[fact.speaks] * weight[fact.by]

export function readDossier(dossier: Dossier, stance: Stance): Omit<Argument, 'side' | 'record'> {
  const { asks, topics } = readings[stance]
  const facts = dossier.facts.filter(({ topic }) => topics.includes(topic))
  const telling = facts.filter(({ speaks }) => speaks !== 'neutral')
  const pShip = sigmoid(facts.reduce((sum, fact) => sum + pull(fact), 0))
  const enough = telling.length >= leastFacts
  const vote: Vote = !enough ? 'abstain' : pShip >= bars.ship ? 'ship' : pShip <= bars.skip ? 'skip' : 'abstain'
  const ordered = telling.toSorted((x, y) => Math.abs(pull(y)) - Math.abs(pull(x)))
  const used = ordered.slice(0, 4)
  const missing = topics.filter((topic) => !facts.some((fact) => fact.topic === topic))
  return {
    stance,
    vote,
    pShip: enough ? pShip : null,
    text: enough
      ? argue(used, vote, asks)
      : `Too few cited facts to say: ${telling.length} of at least ${leastFacts}. It asks: ${asks}?`,
    cites: enough ? used.map(({ id }) => id) : [],
    changeMyMind: changeOf(dossier, facts, vote, missing),
  }
}

const sentence = (fact: Fact): string => `${fact.text.replace(/\.$/, '')} [${fact.id}].`

/** The strongest facts of the winning side first, then the strongest against it; whole sentences, at most sixty words. */
function argue(facts: readonly Fact[], vote: Vote, asks: string): string {
  const lean = vote === 'skip' ? 'against' : 'for'
  const ordered = [...facts.filter(({ speaks }) => speaks === lean), ...facts.filter(({ speaks }) => speaks !== lean)]
  const kept: string[] = []
  for (const fact of ordered) {
    const next = kept.length > 0 && fact.speaks !== lean ? `But: ${sentence(fact)}` : sentence(fact)
    if (kept.length > 0 && [...kept, next].join(' ').split(/\s+/).length > mostWords) continue
    kept.push(next)
  }
  return kept.join(' ') || `It asks: ${asks}?`
}

function changeOf(dossier: Dossier, facts: readonly Fact[], vote: Vote, missing: readonly string[]): string {
  if (vote === 'abstain')
    return `Facts about ${missing.length > 0 ? missing.join(', ') : 'the same topics'} from somebody without a stake.`
  const against = facts.filter(({ speaks }) => speaks === (vote === 'ship' ? 'against' : 'for'))
  const doubt = against[0] ? `More like [${against[0].id}]` : 'One independent fact to the contrary'
  return `${doubt}, or shared tasks on which ${dossier.name} was tried and its work ${vote === 'ship' ? 'turned down' : 'kept'}.`
}

/** The four readings as the same counts that real candidates give. */
export function countsOf(dossier: Dossier): StanceCounts {
  return Object.fromEntries(
    StanceName.options.map((stance) => {
      const { vote, pShip } = readDossier(dossier, stance)
      const counts = { ship: 0, skip: 0, abstain: 0, p: pShip === null ? 0 : Math.round(pShip * scoreUnit) }
      counts[vote] = 1
      return [stance, vote === 'abstain' ? { ...counts, p: 0 } : counts]
    }),
  ) as StanceCounts
}
