// Compare: the candidates of a task side by side, only where they differ; picks become a new candidate.
import type { TaskView } from '@seatrial/protocol/api'
import type { Diff } from '@seatrial/protocol/diff'
import { useQueries, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useMemo, useRef, useState } from 'react'
import { useActions } from '../app/actions.ts'
import { say } from '../app/toast.tsx'
import { act } from '../data/act.ts'
import { client, sentenceOf } from '../data/client.ts'
import { useKept } from '../data/kept.ts'
import { diffQuery, evidenceQuery, panelQuery, taskQuery } from '../data/queries.ts'
import { withNames } from '../inbox/need.ts'
import { Button } from '../parts/button.tsx'
import { letter, money, plural, span } from '../parts/format.ts'
import { Screen } from '../parts/screen.tsx'
import { Scroll } from '../parts/scroll.tsx'
import { useCursor } from '../parts/use-cursor.ts'
import { visible } from '../parts/visible.ts'
import { panelLine } from '../parts/vote.tsx'
import { clustersOf, composition, type Picks } from './clusters.ts'
import { Difference } from './difference.tsx'
import { Matrix } from './matrix.tsx'

const route = getRouteApi('/tasks/$id/compare')
const noPicks: Picks = {}

export function CompareScreen() {
  const { id } = route.useParams()
  const task = useQuery(taskQuery(id))
  const ready = task.data?.trials.filter(({ state, candidate }) => state === 'ready' && candidate) ?? []
  const diffs = useQueries({ queries: ready.map((trial) => diffQuery(id, trial.id)) })
  const problem = task.error ?? diffs.find(({ error }) => error)?.error
  const loaded = diffs.flatMap(({ data }) => data ?? [])
  if (task.data && !problem && loaded.length === ready.length && ready.length > 0) {
    return <Bench task={task.data} diffs={loaded} />
  }
  return (
    <Screen title="Compare">
      <p className="p-6 text-ink-soft">
        {problem
          ? sentenceOf(problem)
          : task.data && ready.length === 0
            ? 'There is no candidate yet.'
            : 'Hauling in the candidates…'}
      </p>
    </Screen>
  )
}

function Bench({ task, diffs }: { task: TaskView; diffs: readonly Diff[] }) {
  const navigate = useNavigate()
  const trials = task.trials.filter(({ state, candidate }) => state === 'ready' && candidate)
  const [blind, setBlind] = useKept('seatrial.blind', true)
  const [picks, setPicks] = useKept<Picks>(`seatrial.picks.${task.id}`, noPicks)
  const [showAgreed, setShowAgreed] = useState(false)
  const list = useRef<HTMLDivElement>(null)
  const clusters = useMemo(() => clustersOf(diffs), [diffs])
  const differing = clusters.filter(({ agreed }) => !agreed)
  const shown = showAgreed ? clusters : differing
  const [at, move] = useCursor(useMemo(() => shown.map(({ id }) => id), [shown]))
  const current = shown[at]
  const nameOf = (trialId: string) => {
    const index = trials.findIndex(({ id }) => id === trialId)
    return index < 0 ? '?' : blind ? letter(index) : `${letter(index)} ${trials[index]!.contender}`
  }
  const evidence = useQueries({ queries: trials.map(({ id }) => evidenceQuery(task.id, id)) })
  const panels = useQueries({ queries: trials.map(({ id }) => panelQuery(task.id, id)) })

  const go = (index: number) => {
    const next = Math.max(0, Math.min(index, shown.length - 1))
    move(next)
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' })
  }
  const pick = (id: string, index: number | null) => setPicks({ ...picks, [id]: index })
  const decided = differing.filter(({ id }) => id in picks).length
  const open = (index: number) =>
    trials[index] &&
    void navigate({ to: '/tasks/$id/review', params: { id: task.id }, search: { trial: trials[index].id } })
  const merge = async () => {
    const parts = composition(
      clusters,
      trials.map(({ id }) => id),
      picks,
    )
    if (parts.length === 0) return say('Nothing is picked: a number key takes that candidate’s edit.')
    const made = await act(
      client.compose({ params: { id: task.id }, body: { picks: parts } }),
      `Composed from ${plural(parts.length, 'candidate')}; it is checked like any other.`,
    )
    if (!made) return
    setPicks(noPicks)
    void navigate({ to: '/tasks/$id', params: { id: task.id } })
  }

  useActions([
    {
      id: 'down',
      title: 'Next difference',
      group: 'Move',
      keys: ['j', 'ArrowDown'],

      run: () => go(at + 1),
    },
    {
      id: 'up',
      title: 'Previous difference',
      group: 'Move',
      keys: ['k', 'ArrowUp'],

      run: () => go(at - 1),
    },
    ...trials.slice(0, 9).map((trial, index) => ({
      id: `pick:${index}`,
      title: `Take ${nameOf(trial.id)} here`,
      group: 'Pick',
      keys: [String(index + 1)],
      run: () => {
        if (!current || current.agreed) return
        pick(current.id, index)
        go(at + 1)
      },
    })),
    {
      id: 'none',
      title: 'Take none here',
      group: 'Pick',
      keys: ['0'],
      run: () => current && !current.agreed && pick(current.id, null),
    },
    ...trials.slice(0, 9).map((trial, index) => ({
      id: `all:${index}`,
      title: `Take ${nameOf(trial.id)} everywhere`,
      group: 'Pick',
      run: () => setPicks(Object.fromEntries(differing.map(({ id }) => [id, index]))),
    })),
    { id: 'merge', title: 'Merge the picks into a new candidate', group: 'Pick', keys: ['m'], run: () => void merge() },
    {
      id: 'blind',
      title: blind ? 'Show who made them' : 'Hide who made them',
      group: 'View',
      keys: ['b'],
      run: () => setBlind(!blind),
    },
    {
      id: 'agreed',
      title: 'Show or hide what they agree on',
      group: 'View',
      keys: ['s'],
      run: () => setShowAgreed(!showAgreed),
    },
    { id: 'review', title: 'Review the first candidate', group: 'View', keys: ['Enter'], run: () => open(0) },
    {
      id: 'timeline',
      title: 'Open the task with its timeline',
      group: 'View',
      keys: ['t'],
      run: () => void navigate({ to: '/tasks/$id', params: { id: task.id } }),
    },
    {
      id: 'undo',
      title: 'Forget all picks',
      group: 'Pick',
      keys: ['u'],
      run: () => setPicks(noPicks),
    },
  ])

  const facts: [string, (index: number) => string][] = [
    [
      'size',
      (index) =>
        `+${trials[index]!.candidate!.added} −${trials[index]!.candidate!.removed}, ${plural(trials[index]!.candidate!.files, 'file')}`,
    ],
    [
      'tests',
      (index) => evidence[index]?.data?.signals.find(({ kind }) => kind === 'tests')?.sentence ?? 'not measured',
    ],
    ['speaks against', (index) => speaksAgainst(evidence[index]?.data?.signals)],
    ['panel', (index) => (panels[index]?.data ? panelLine(panels[index].data) : 'not reviewed')],
    [
      'cost',
      (index) => (blind ? 'hidden while blind' : `${money(trials[index]!.usage.micros)}, ${took(trials[index]!)}`),
    ],
  ]

  return (
    <Screen
      title="Compare"
      heading={
        <>
          <span className="shrink-0 text-xs text-ink-faint">Compare</span>
          <span className="truncate text-base font-semibold tracking-tight">{visible(task.title)}</span>
        </>
      }
      bar={
        <span className="ml-auto flex items-center gap-2">
          <span className="tabular text-xs text-ink-faint">
            {decided}/{differing.length} picked
          </span>
          <Button keys="b" aria-pressed={blind} onClick={() => setBlind(!blind)}>
            {blind ? 'Blind' : 'Names shown'}
          </Button>
          <Button tone="primary" keys="m" onClick={() => void merge()}>
            Merge picks
          </Button>
        </span>
      }
    >
      <Scroll label="Candidates side by side">
        <section
          aria-label="Candidates"
          className="flex flex-wrap gap-x-10 gap-y-4 border-b border-line bg-panel px-5 py-4"
        >
          <div className="max-w-full overflow-x-auto">
            <table className="text-xs">
              <thead>
                <tr>
                  <td />
                  {trials.map((trial, index) => (
                    <th
                      key={trial.id}
                      scope="col"
                      className="pr-8 pb-1.5 text-left text-sm font-semibold whitespace-nowrap"
                    >
                      <button type="button" onClick={() => open(index)} className="text-accent hover:underline">
                        {nameOf(trial.id)}
                      </button>
                      {task.selection?.winner === trial.id && !blind && (
                        <span className="ml-2 rounded bg-ship-wash px-1.5 text-xs font-medium text-ship">
                          recommended
                        </span>
                      )}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {facts.map(([name, say]) => (
                  <tr key={name} className="align-top">
                    <th scope="row" className="py-0.5 pr-5 text-left font-normal whitespace-nowrap text-ink-faint">
                      {name}
                    </th>
                    {trials.map((trial, index) => (
                      <td key={trial.id} className="tabular max-w-72 py-0.5 pr-8 text-ink-soft">
                        {visible(say(index))}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {task.selection?.matrix && <Matrix matrix={task.selection.matrix} nameOf={nameOf} />}
          {task.selection && !blind && (
            <p className="w-full text-ink-soft">{visible(withNames(task, task.selection.sentence))}</p>
          )}
        </section>
        <div className="flex flex-wrap items-center gap-3 px-5 pt-4 pb-2">
          <h2 className="font-semibold">
            {differing.length === 0
              ? 'They agree everywhere'
              : `${plural(differing.length, 'place')} where they differ`}
          </h2>
          <span className="tabular text-xs text-ink-faint">
            {plural(clusters.length - differing.length, 'place')} agreed
          </span>
          <Button small tone="quiet" keys="s" aria-pressed={showAgreed} onClick={() => setShowAgreed(!showAgreed)}>
            {showAgreed ? 'Only differences' : 'Show agreed too'}
          </Button>
        </div>
        <div ref={list} className="flex flex-col gap-3 px-5 pb-6">
          {shown.map((cluster, index) => (
            <Difference
              key={cluster.id}
              cluster={cluster}
              names={trials.map(({ id }) => nameOf(id))}
              current={index === at}
              picked={picks[cluster.id]}
              pick={(column) => pick(cluster.id, column)}
            />
          ))}
        </div>
      </Scroll>
    </Screen>
  )
}

const took = (trial: TaskView['trials'][number]) =>
  trial.startedAt && trial.endedAt ? span(Date.parse(trial.endedAt) - Date.parse(trial.startedAt)) : '?'

function speaksAgainst(
  signals: readonly { kind: string; state: string; verdict: string | null }[] | undefined,
): string {
  if (!signals) return 'not measured'
  const kinds = signals
    .filter(({ state, verdict }) => state === 'measured' && verdict === 'bad')
    .map(({ kind }) => kind)
  return [...new Set(kinds)].join(', ') || 'nothing'
}
