// The chosen task at a glance: what was asked, what is claimed, what was measured, where to look.

import type { TaskView } from '@seatrial/protocol/api'
import type { Signal } from '@seatrial/protocol/check'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { evidenceQuery, hunkNotesQuery, panelQuery } from '../data/queries.ts'
import { answerAsk } from '../decide/answers.ts'
import { Answer } from '../parts/answer.tsx'
import { Button } from '../parts/button.tsx'
import { moment, money, plural } from '../parts/format.ts'
import { SignalLine } from '../parts/signal-line.tsx'
import { visible } from '../parts/visible.ts'
import { panelLine, reviewerOf, VoteChip } from '../parts/vote.tsx'
import { Words } from '../parts/words.tsx'
import { candidatesOf, leadOf, needOf } from './need.ts'

interface PreviewProps {
  task: TaskView
  open(): void
  accept(): void
  snooze(): void
  reject(): void
}

const Part = ({ title, children }: { title: ReactNode; children: ReactNode }) => (
  <section className="border-t border-line px-5 py-3.5">
    <h3 className="mb-1.5 text-2xs font-semibold tracking-wide text-ink-faint uppercase">{title}</h3>
    {children}
  </section>
)

/** What speaks loudest first; facts of no consequence are left to the review. */
const telling = (signals: readonly Signal[]): Signal[] => {
  const weight = { critical: 0, major: 1, minor: 2, info: 3 }
  return signals
    .filter(({ state, verdict }) => state !== 'not_measured' && verdict !== 'neutral')
    .sort(
      (a, b) => Number(b.verdict === 'bad') - Number(a.verdict === 'bad') || weight[a.severity] - weight[b.severity],
    )
    .slice(0, 5)
}

export function Preview({ task, open, accept, snooze, reject }: PreviewProps) {
  const need = needOf(task)
  const lead = leadOf(task)
  return (
    <article className="max-w-3xl pb-6">
      <header className="px-5 pt-5 pb-3.5">
        <p className="mb-1 text-xs text-ink-faint">
          {task.projectName} <span aria-hidden="true">·</span> <span className="font-mono">{task.id}</span>
          {task.base?.branch && (
            <>
              {' '}
              on <span className="font-mono">{task.base.branch}</span>
            </>
          )}
        </p>
        <h2 className="text-xl font-semibold tracking-tight [overflow-wrap:anywhere]">{visible(task.title)}</h2>
        <div className="mt-3 flex flex-wrap gap-2">
          {lead && (
            <>
              <Button tone="primary" keys="Enter" onClick={open}>
                {need?.kind === 'choose' ? 'Compare' : 'Review'}
              </Button>
              <Button keys="a" onClick={accept}>
                Accept…
              </Button>
            </>
          )}
          {!lead && (
            <Button tone="primary" keys="Enter" onClick={open}>
              Open
            </Button>
          )}
          {need && (
            <Button keys="z" onClick={snooze}>
              Snooze
            </Button>
          )}
          {lead && (
            <Button tone="quiet" keys="x" onClick={reject}>
              Reject
            </Button>
          )}
        </div>
      </header>
      {need?.kind === 'answer' && <Answer ask={need.ask} keyed answer={(text) => answerAsk(need.ask, text)} />}
      {need?.kind === 'failed' && (
        <Part title="What went wrong">
          <Words text={need.sentence} />
        </Part>
      )}
      <Part title={`You asked · ${moment(task.createdAt)}`}>
        <Words text={task.prompt} clip={480} />
        {task.images.length > 0 && (
          <p className="mt-1 text-xs text-ink-faint">with {plural(task.images.length, 'picture')}</p>
        )}
      </Part>
      {lead && <Lead task={task} trialId={lead.id} />}
    </article>
  )
}

function Lead({ task, trialId }: { task: TaskView; trialId: string }) {
  const trial = task.trials.find(({ id }) => id === trialId)!
  const evidence = useQuery(evidenceQuery(task.id, trialId))
  const panel = useQuery(panelQuery(task.id, trialId))
  const notes = useQuery(hunkNotesQuery(task.id, trialId))
  const signals = telling(evidence.data?.signals ?? [])
  const risky = notes.data?.notes.filter(({ risk }) => risk !== 'low') ?? []
  const candidates = candidatesOf(task)
  return (
    <>
      <Part
        title={
          <>
            The candidate · <span className="font-mono normal-case">{trial.contender}</span>
          </>
        }
      >
        <p className="tabular mb-1.5 text-ink-soft">
          {trial.candidate && (
            <>
              {plural(trial.candidate.files, 'file')}, <span className="text-ship">+{trial.candidate.added}</span>{' '}
              <span className="text-skip">−{trial.candidate.removed}</span> · {money(trial.usage.micros)}
            </>
          )}
          {candidates.length > 1 && <> · one of {candidates.length}</>}
        </p>
        {trial.summary && <Words text={trial.summary} from="agent" clip={400} />}
      </Part>
      {panel.data && (
        <Part title={`Panel · ${panelLine(panel.data)}`}>
          <div className="flex flex-wrap gap-1.5">
            {panel.data.reviews.map((review) => (
              <VoteChip key={`${review.stance} ${review.engine}`} who={reviewerOf(review)} vote={review.vote} />
            ))}
          </div>
          {panel.data.vetoes.map((veto) => (
            <p key={veto} className="mt-1.5 text-skip">
              {visible(veto)}
            </p>
          ))}
        </Part>
      )}
      {signals.length > 0 && (
        <Part title="Measured">
          <ul className="flex flex-col gap-1">
            {signals.map((signal) => (
              <SignalLine key={signal.id} signal={signal} />
            ))}
          </ul>
        </Part>
      )}
      {notes.data && (
        <Part title="Look at">
          {risky.slice(0, 4).map((note) => (
            <p key={note.hunkId} className="flex gap-2">
              <span className="min-w-0 truncate font-mono text-xs">{visible(note.path)}</span>
              <span className="text-ink-soft">
                {note.risk} risk{note.coverage === 'uncovered' ? ', no test runs it' : ''}
              </span>
            </p>
          ))}
          <p className="text-ink-faint">
            {risky.length === 0
              ? `All ${plural(notes.data.notes.length, 'hunk')} look low in risk.`
              : `${plural(notes.data.notes.length - risky.length, 'other hunk')} low in risk.`}
          </p>
        </Part>
      )}
    </>
  )
}
