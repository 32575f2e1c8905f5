// A vote of a reviewer, as a word with a sign.
import type { PanelReport, Stance, Vote } from '@seatrial/protocol/review'

export const voteTone: Record<Vote, string> = {
  ship: 'text-ship bg-ship-wash',
  skip: 'text-skip bg-skip-wash',
  abstain: 'text-ink-soft bg-sunk',
}
const signs: Record<Vote, string> = { ship: '✓', skip: '✕', abstain: '–' }

export const VoteChip = ({ who, vote }: { who: Stance | string; vote: Vote }) => (
  <span className={`inline-flex items-center gap-1 rounded px-1.5 py-px text-xs font-medium ${voteTone[vote]}`}>
    <span aria-hidden="true">{signs[vote]}</span>
    {who} <span className="sr-only">says {vote}</span>
  </span>
)

export const panelLine = (panel: PanelReport): string =>
  `${panel.ship} ship, ${panel.skip} skip${panel.abstain ? `, ${panel.abstain} abstain` : ''}`
