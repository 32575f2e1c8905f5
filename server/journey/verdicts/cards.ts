// The two cards of a comparison and its pricing read.
import { type ComparisonView, type Dossier, parseContender, type SideCard } from '@seatrial/protocol'
import { pricesSnapshot } from '../../gateway/prices.ts'
import type { HouseToml } from '../../project/house-toml.ts'
import { dollars } from '../../verdicts/words.ts'
import type { Rooms } from '../rooms.ts'
import type { ComparisonRow } from './count.ts'

/** Who one side is: its dossier's word, or what the catalog and the settings say of the contender. */
export async function cardOf(
  rooms: Rooms,
  row: ComparisonRow,
  side: 'a' | 'b',
  known: { name: string; body: Dossier | null; models: HouseToml['models'] },
): Promise<SideCard> {
  const { name, body, models } = known
  if (body) {
    const { slug, tagline, category, entry, price, priceSource, priceDate, homepage } = body
    return { slug, name, tagline, category, entry, price, priceSource, priceDate, homepage }
  }
  const contender = row.kind === 'contenders' ? row[side] : name.replace(/ \(r-\w+\)$/, '')
  const { agent, model } = parseContender(contender)
  const card = await rooms.agents.findAgent(agent)
  const configured = model ? models[model] : undefined
  const entry = !model || card?.wire === 'none' ? 'Free' : !configured || configured.free ? 'Local' : 'BYO key'
  const note = configured?.note ? ` (${configured.note})` : ''
  const with_ = model ? ` with ${model}${note}` : ''
  return {
    slug: row[side],
    name,
    tagline:
      row.kind === 'contenders'
        ? `${card?.label ?? agent}${with_}, tried on tasks of this house`
        : `Candidate of ${card?.label ?? agent}${with_}`,
    category: row.kind === 'contenders' ? 'Coding agent' : 'Candidate change',
    entry,
    price: null,
    priceSource: null,
    priceDate: null,
    homepage: null,
  }
}

/** The pricing read: what each costs, and by which prices of which day. */
export function pricesOf(
  row: ComparisonRow,
  { cost, provisional }: ComparisonView['estimate'],
  cards: { a: SideCard; b: SideCard },
): ComparisonView['prices'] {
  if (row.kind === 'dossiers') {
    const words = ({ entry, price }: SideCard): string => `${entry}: ${price}.`
    return {
      sentence: 'Entry prices as cited; nothing was spent here, so there is no price per shipped change.',
      a: words(cards.a),
      b: words(cards.b),
    }
  }
  const snapshot = pricesSnapshot()
  const what =
    row.kind === 'candidates'
      ? 'for this candidate'
      : provisional
        ? 'per change that passed the gates'
        : 'per shipped change'
  const words = (micros: number | null): string =>
    micros === null
      ? `Unknown ${what}: nothing shipped, or a price is not known.`
      : `${dollars(micros)} ${what}, failed attempts included.`
  const interval = cost.interval
    ? ` The first costs ${cost.interval.lower.toFixed(2)} to ${cost.interval.upper.toFixed(2)} times the second (90%).`
    : ''
  return {
    sentence: `Metered by the gateway at list prices of ${snapshot.source} ${snapshot.version}${snapshot.checkedAt ? `, ${snapshot.checkedAt}` : ''}.${interval}`,
    a: words(cost.a),
    b: words(cost.b),
  }
}
