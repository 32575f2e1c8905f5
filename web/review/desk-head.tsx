// The head of the desk: which candidate, against what, and the panel's word in one line.
import type { TaskView } from '@seatrial/protocol/api'
import type { Evidence, Signal } from '@seatrial/protocol/check'
import type { PanelReport } from '@seatrial/protocol/review'
import type { Trial } from '@seatrial/protocol/task'
import { Link, useNavigate } from '@tanstack/react-router'
import { Button } from '../parts/button.tsx'
import { letter, plural } from '../parts/format.ts'
import { visible } from '../parts/visible.ts'
import { PanelChips } from '../parts/vote.tsx'
import { AskedLine } from './asked.tsx'

interface DeskHeadProps {
  task: TaskView
  trial: Trial
  against: string | undefined
  lastLook: string | null
  evidence: Evidence | undefined
  panel: PanelReport | undefined
  showEvidence: boolean
  toggleEvidence(): void
  files: number
  showFiles: boolean
  toggleFiles(): void
  showAsked: boolean
  toggleAsked(): void
}

const chosen = 'min-w-0 max-sm:w-full rounded border border-line bg-panel px-1.5 py-0.5 text-xs text-ink'

const counted = (signals: readonly Signal[]) => ({
  bad: signals.filter(({ state, verdict }) => state === 'measured' && verdict === 'bad').length,
  unknown: signals.filter(({ state }) => state !== 'measured').length,
  all: signals.length,
})

export function DeskHead({
  task,
  trial,
  against,
  lastLook,
  evidence,
  panel,
  showEvidence,
  toggleEvidence,
  files,
  showFiles,
  toggleFiles,
  showAsked,
  toggleAsked,
}: DeskHeadProps) {
  const navigate = useNavigate()
  const ready = task.trials.filter(({ candidate }) => candidate)
  const name = (one: Trial) => `${letter(ready.indexOf(one))} · ${one.contender}${one.parentId ? ' (rework)' : ''}`
  const others = ready.filter(({ id }) => id !== trial.id)
  const count = counted(evidence?.signals ?? [])
  const to = (search: { trial?: string; against?: string }) =>
    void navigate({ to: '/tasks/$id/review', params: { id: task.id }, search })
  return (
    <header className="flex shrink-0 flex-col gap-1.5 border-b border-line bg-panel px-4 py-2">
      <div className="flex min-w-0 items-baseline gap-x-2 max-md:flex-wrap">
        <Link
          to="/tasks/$id"
          params={{ id: task.id }}
          className="shrink-0 text-xs text-ink-faint hover:text-ink hover:underline"
        >
          {visible(task.projectName)}
        </Link>
        <h1 className="truncate text-base font-semibold tracking-tight md:max-w-[45%] md:shrink-0">
          {visible(task.title)}
        </h1>
        <AskedLine task={task} open={showAsked} toggle={toggleAsked} />
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 text-xs">
        <label className="flex min-w-0 items-center gap-1.5 text-ink-faint max-sm:flex-1">
          <span className="max-sm:sr-only">Candidate</span>
          <select className={chosen} value={trial.id} onChange={(event) => to({ trial: event.target.value })}>
            {ready.map((one) => (
              <option key={one.id} value={one.id}>
                {name(one)}
                {task.selection?.winner === one.id ? ' · recommended' : ''}
              </option>
            ))}
          </select>
        </label>
        <label className="flex min-w-0 items-center gap-1.5 text-ink-faint max-sm:flex-1">
          <span className="max-sm:sr-only">against</span>
          <select
            className={`${chosen} sm:max-w-44`}
            value={against ?? ''}
            onChange={(event) =>
              to({ trial: trial.id, ...(event.target.value ? { against: event.target.value } : {}) })
            }
          >
            <option value="">the base{task.base?.branch ? ` (${task.base.branch})` : ''}</option>
            {lastLook && <option value={lastLook}>my last look</option>}
            {others
              .filter(({ id }) => id !== lastLook)
              .map((one) => (
                <option key={one.id} value={one.id}>
                  {name(one)}
                </option>
              ))}
          </select>
        </label>
        <span className="ml-auto flex flex-wrap items-center gap-1.5 max-sm:basis-full">
          <Button small className="md:hidden" aria-expanded={showFiles} onClick={toggleFiles}>
            {plural(files, 'file')}
          </Button>
          {panel && <PanelChips panel={panel} />}
          <Button small keys="i" aria-pressed={showEvidence} onClick={toggleEvidence}>
            Evidence
            {count.all > 0 && (
              <span className={count.bad > 0 ? 'text-skip' : 'text-ink-faint'}>
                {count.bad > 0 ? `${count.bad} bad` : `${count.all - count.unknown} good`}
                {count.unknown > 0 && <span className="text-warn"> {count.unknown}?</span>}
              </span>
            )}
          </Button>
        </span>
      </div>
    </header>
  )
}
