// The bar under a hunk: why it is there, what was measured of it, what reviewers found, and the decision.
import { Check, MessageSquare, Pencil, X } from 'lucide-react'
import { Button } from '../parts/button.tsx'
import { plural } from '../parts/format.ts'
import { visible } from '../parts/visible.ts'
import { useReview } from './context.ts'
import type { Choice, Stop } from './draft.ts'
import { isChange } from './draft.ts'

const risks = {
  low: ['Low risk', 'text-ink-soft bg-sunk'],
  medium: ['Medium risk', 'text-warn bg-warn-wash'],
  high: ['High risk', 'text-skip bg-skip-wash'],
} as const
const coverages = {
  covered: ['tests run it', 'text-ship'],
  uncovered: ['no test runs it', 'text-skip'],
  not_measured: ['coverage not measured', 'text-warn'],
} as const

/** The decision in words, e.g. `accepted`, `3 of 7 lines taken`. */
export function stateOf(stop: Stop, choice: Choice | undefined): { word: string; tone: 'ship' | 'skip' | 'open' } {
  if (!choice) return { word: 'undecided', tone: 'open' }
  if (choice.kind === 'accept') return { word: 'accepted', tone: 'ship' }
  if (choice.kind === 'reject') return { word: 'rejected', tone: 'skip' }
  if (choice.kind === 'edit') return { word: 'accepted with your edit', tone: 'ship' }
  const all = stop.hunk?.lines.filter(isChange).length ?? 0
  return { word: `${all - choice.drop.length} of ${all} changed lines taken`, tone: 'ship' }
}

const edges = { ship: 'border-l-ship', skip: 'border-l-skip', open: 'border-l-line-strong' }
const words = { ship: 'text-ship', skip: 'text-skip', open: 'text-ink-faint' }

export function HunkBar({ id }: { id: string }) {
  const review = useReview()
  const stop = review.stops.get(id)
  if (!stop) return null
  const note = review.notes.get(id)
  const state = stateOf(stop, review.draft.choices[id])
  const current = review.current === id
  const signals = (note?.signals ?? []).flatMap((name) => review.signals.get(name) ?? [])
  return (
    <section
      data-hunk={id}
      data-current={current || undefined}
      aria-label={`Hunk ${stop.number} of ${stop.of} in ${stop.path}, ${state.word}`}
      aria-current={current ? 'true' : undefined}
      className={`my-1 mr-3 ml-2 rounded-md border border-l-4 font-sans text-xs whitespace-normal ${edges[state.tone]} ${
        current ? 'border-y-accent border-r-accent bg-accent-wash' : 'border-y-line border-r-line bg-ground'
      }`}
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-2.5 py-1.5">
        {note && (
          <>
            <span className={`rounded px-1.5 py-px font-medium ${risks[note.risk][1]}`}>{risks[note.risk][0]}</span>
            <span className={coverages[note.coverage][1]}>{coverages[note.coverage][0]}</span>
          </>
        )}
        {review.deciding && <span className={`font-medium ${words[state.tone]}`}>{state.word}</span>}
        <span className="ml-auto flex flex-wrap gap-1">
          {current && review.selected > 0 && (
            <span className="self-center pr-1 text-accent">{plural(review.selected, 'line')} selected:</span>
          )}
          {review.deciding && (
            <>
              <Button small tone="ship" keys={current ? 'a' : undefined} onClick={() => review.accept(id)}>
                <Check size={13} aria-hidden="true" /> Accept
              </Button>
              <Button small tone="skip" keys={current ? 'x' : undefined} onClick={() => review.reject(id)}>
                <X size={13} aria-hidden="true" /> Reject
              </Button>
            </>
          )}
          <Button small keys={current ? 'c' : undefined} onClick={() => review.comment(id)}>
            <MessageSquare size={13} aria-hidden="true" /> Comment
          </Button>
          {stop.hunk && review.deciding && (
            <Button small keys={current ? 'e' : undefined} onClick={() => review.edit(id)}>
              <Pencil size={13} aria-hidden="true" /> Edit
            </Button>
          )}
        </span>
      </div>
      {(note?.why || signals.length > 0 || (note?.findings.length ?? 0) > 0) && (
        <dl className="grid grid-cols-[4.5rem_1fr] gap-x-2 gap-y-1 border-t border-line px-2.5 py-1.5 [overflow-wrap:anywhere]">
          {note?.why && (
            <>
              <dt className="text-ink-faint">Why</dt>
              <dd className="text-ink-soft">{visible(note.why)}</dd>
            </>
          )}
          {signals.map((signal) => (
            <div key={signal.id} className="contents">
              <dt className="truncate text-ink-faint">{signal.kind}</dt>
              <dd className={signal.verdict === 'bad' ? 'text-skip' : 'text-ink-soft'}>{visible(signal.sentence)}</dd>
            </div>
          ))}
          {note?.findings.map((finding) => (
            <div key={finding} className="contents">
              <dt className="text-ink-faint">Reviewer</dt>
              <dd className="text-ink-soft">{visible(finding)}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  )
}
