// A vote of a reviewer, as a word with a sign, and the votes of a whole panel.
import type { PanelReport, Vote } from '@seatrial/protocol/review'

export const voteTone: Record<Vote, string> = {
  ship: 'text-ship bg-ship-wash',
  skip: 'text-skip bg-skip-wash',
  abstain: 'text-ink-soft bg-sunk',
}
const signs: Record<Vote, string> = { ship: '✓', skip: '✕', abstain: '–' }

export const VoteChip = ({ who, vote }: { who: string; vote: Vote }) => (
  <span className={`inline-flex items-center gap-1 rounded px-1.5 py-px text-xs font-medium ${voteTone[vote]}`}>
    <span aria-hidden="true">{signs[vote]}</span>
    {who} <span className="sr-only">says {vote}</span>
  </span>
)

export const panelLine = (panel: PanelReport): string =>
  `${panel.ship} ship, ${panel.skip} skip${panel.abstain ? `, ${panel.abstain} abstain` : ''}`

/** A reviewer by rules is its stance; a model or a person goes by its own name too. */
export const reviewerOf = ({ stance, engine }: { stance: string; engine: string }): string =>
  engine === 'rules' ? stance : `${engine.slice(engine.indexOf(':') + 1)} (${stance})`

const few = 4

/** A chip per reviewer while they are few; beyond that, and on a phone, how many said what. */
export function PanelChips({ panel }: { panel: PanelReport }) {
  const counts = (['ship', 'skip', 'abstain'] as const).filter((vote) => panel[vote] > 0)
  const many = panel.reviews.length > few
  return (
    <>
      {!many &&
        panel.reviews.map((review) => (
          <span key={`${review.stance} ${review.engine}`} className="max-sm:hidden">
            <VoteChip who={reviewerOf(review)} vote={review.vote} />
          </span>
        ))}
      <span className={`flex gap-1.5 ${many ? '' : 'sm:hidden'}`}>
        {counts.map((vote) => (
          <span key={vote} className={`rounded px-1.5 py-px text-xs font-medium ${voteTone[vote]}`}>
            <span aria-hidden="true">{signs[vote]}</span> {panel[vote]} {vote}
          </span>
        ))}
      </span>
    </>
  )
}
