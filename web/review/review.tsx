// Review: chooses the candidate and what to compare it against, loads what the desk needs.
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect, useMemo } from 'react'
import { sentenceOf } from '../data/client.ts'
import { keep, kept } from '../data/kept.ts'
import { diffQuery, evidenceQuery, hunkNotesQuery, panelQuery, taskQuery } from '../data/queries.ts'
import { leadOf } from '../inbox/need.ts'
import { Screen } from '../parts/screen.tsx'
import { visible } from '../parts/visible.ts'
import { Desk } from './desk.tsx'
import { DiffWorkers } from './review-diff.tsx'

const route = getRouteApi('/tasks/$id/review')

/** Remembers which candidate of a task was on screen last, to offer what changed since. */
function useLastLook(taskId: string, trialId: string | undefined): string | null {
  const key = `seatrial.look.${taskId}`
  const before = useMemo(() => kept<string | null>(key, null), [key])
  useEffect(() => {
    if (trialId) keep(key, trialId)
  }, [key, trialId])
  return before === trialId ? null : before
}

export const ReviewScreen = () => (
  <DiffWorkers>
    <Loaded />
  </DiffWorkers>
)

function Loaded() {
  const { id } = route.useParams()
  const { trial: named, against } = route.useSearch()
  const task = useQuery(taskQuery(id))
  const trial = task.data && (task.data.trials.find((one) => one.id === named) ?? leadOf(task.data))
  const lastLook = useLastLook(id, trial?.id)
  const ready = trial?.candidate != null
  const of = trial?.id ?? ''
  const diff = useQuery({ ...diffQuery(id, of, against), enabled: ready })
  const evidence = useQuery({ ...evidenceQuery(id, of), enabled: ready })
  const panel = useQuery({ ...panelQuery(id, of), enabled: ready })
  const notes = useQuery({ ...hunkNotesQuery(id, of), enabled: ready })

  const problem = task.error ?? diff.error
  if (task.data && trial && diff.data && !problem) {
    return (
      <Desk
        key={trial.id}
        task={task.data}
        trial={trial}
        diff={diff.data}
        against={against}
        lastLook={lastLook}
        evidence={evidence.data}
        panel={panel.data}
        notes={notes.data?.notes}
      />
    )
  }
  return (
    <Screen title={task.data ? visible(task.data.title) : 'Review'}>
      <p className="p-6 text-ink-soft" aria-busy={!problem && !(task.data && !ready)}>
        {problem
          ? sentenceOf(problem)
          : task.data && !ready
            ? 'This task has no candidate to review yet. '
            : 'Hauling in the candidate…'}
        {task.data && !ready && (
          <Link to="/tasks/$id" params={{ id }} className="font-medium text-accent hover:underline">
            See how it goes
          </Link>
        )}
      </p>
    </Screen>
  )
}
