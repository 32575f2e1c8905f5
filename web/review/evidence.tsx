// The panel's word and everything that was measured, beside the diff.
import type { Evidence } from '@seatrial/protocol/check'
import { type PanelReport, type Review, wordsOf } from '@seatrial/protocol/review'
import { Fragment } from 'react'
import { span } from '../parts/format.ts'
import { Log } from '../parts/log.tsx'
import { SignalLine } from '../parts/signal-line.tsx'
import { visible } from '../parts/visible.ts'
import { panelLine, reviewerOf, VoteChip } from '../parts/vote.tsx'

interface EvidenceProps {
  evidence: Evidence | undefined
  panel: PanelReport | undefined
  /** Goes to a line of the diff. */
  jump(path: string, line: number | null): void
}

const Head = ({ children }: { children: string }) => (
  <h2 className="mb-2 text-2xs font-semibold tracking-wide text-ink-faint uppercase">{children}</h2>
)

export function EvidencePane({ evidence, panel, jump }: EvidenceProps) {
  return (
    <aside
      aria-label="Evidence"
      className="w-full shrink-0 overflow-y-auto border-l border-line bg-panel max-lg:absolute max-lg:inset-0 max-lg:z-10 lg:w-[23rem]"
    >
      {evidence?.stale && (
        <p className="border-b border-warn bg-warn-wash px-4 py-2 text-warn">
          Measured on another tree than the one shown; the checks have to run again.
        </p>
      )}
      {panel && (
        <section className="border-b border-line p-4">
          <Head>{`Panel · ${panelLine(panel)}`}</Head>
          <p className="mb-3 text-ink-soft">
            Shipping is right with probability <strong className="text-ink">{Math.round(panel.pShip * 100)}%</strong>,
            and the reviews are worth {panel.effectiveVotes.toFixed(1)} independent votes.
          </p>
          {panel.vetoes.map((veto) => (
            <p key={veto} className="mb-2 rounded bg-skip-wash px-2 py-1 text-skip">
              {visible(veto)}
            </p>
          ))}
          <ul className="flex flex-col gap-3">
            {panel.reviews.map((review) => (
              <OneReview key={`${review.stance} ${review.engine}`} review={review} jump={jump} />
            ))}
          </ul>
        </section>
      )}
      {evidence && (
        <section className="border-b border-line p-4">
          <Head>Signals</Head>
          <ul className="flex flex-col gap-1.5">
            {evidence.signals.map((signal) => (
              <SignalLine key={signal.id} signal={signal}>
                {signal.places.slice(0, 5).map((place) => (
                  <button
                    key={`${place.path}:${place.line}`}
                    type="button"
                    onClick={() => jump(place.path, place.line)}
                    className="block max-w-full truncate font-mono text-xs text-accent hover:underline"
                  >
                    {visible(place.path)}
                    {place.line !== null && `:${place.line}`}
                  </button>
                ))}
              </SignalLine>
            ))}
          </ul>
        </section>
      )}
      {evidence && evidence.candidate.length > 0 && (
        <section className="p-4">
          <Head>Checks on the candidate</Head>
          {evidence.candidate.map((check) => (
            <details key={check.name} className="mb-2 rounded border border-line">
              <summary className="flex items-baseline gap-2 px-2.5 py-1.5">
                <span className={check.outcome === 'passed' ? 'text-ship' : 'text-skip'}>{check.outcome}</span>
                <span className="min-w-0 flex-1 truncate font-medium">{visible(check.name)}</span>
                <span className="tabular text-xs text-ink-faint">{span(check.durationMs)}</span>
              </summary>
              <Log command={check.command} text={check.log} />
            </details>
          ))}
        </section>
      )}
    </aside>
  )
}

function OneReview({ review, jump }: { review: Review; jump: EvidenceProps['jump'] }) {
  return (
    <li>
      <p className="mb-1 flex items-center gap-2">
        <VoteChip who={reviewerOf(review)} vote={review.vote} />
        {review.excluded ? (
          <span className="text-xs text-warn">not counted</span>
        ) : (
          <span className="tabular text-xs text-ink-faint">{Math.round(review.pShip * 100)}%</span>
        )}
      </p>
      <p className="text-ink-soft [overflow-wrap:anywhere]">
        {visible(wordsOf(review))
          .split(/(\[[^\]]{1,60}\])/)
          .map((part, index) =>
            part.startsWith('[') ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text do not move.
              <span key={index} className="font-mono text-2xs text-ink-faint">
                {part}
              </span>
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text do not move.
              <Fragment key={index}>{part}</Fragment>
            ),
          )}
      </p>
      {review.changeMyMind && (
        <p className="mt-1 text-xs text-ink-faint">Would change its mind: {visible(review.changeMyMind)}</p>
      )}
      {review.forecast && (
        <p className="mt-1 text-xs text-ink-faint">
          Forecast for {review.forecast.due}: {visible(review.forecast.claim)} (
          {Math.round(review.forecast.probability * 100)}%)
        </p>
      )}
      {review.findings.map((finding) => (
        <button
          key={`${finding.path}:${finding.line} ${finding.sentence}`}
          type="button"
          onClick={() => jump(finding.path, finding.line)}
          className="mt-1 block text-left text-xs text-accent hover:underline"
        >
          <span className="font-mono">
            {visible(finding.path)}
            {finding.line !== null && `:${finding.line}`}
          </span>{' '}
          {visible(finding.sentence)}
        </button>
      ))}
    </li>
  )
}
