// Contenders and reviewers: what this house has seen of them, every share with its interval.
import type { PanelReport } from '@seatrial/protocol/review'
import { useQueries, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useMemo } from 'react'
import { client } from '../data/client.ts'
import { agentsQuery, panelQuery } from '../data/queries.ts'
import { money } from '../parts/format.ts'
import { Screen } from '../parts/screen.tsx'
import { Scroll } from '../parts/scroll.tsx'
import { visible } from '../parts/visible.ts'
import { Agents } from './agents.tsx'
import { type Rate, reviewerStandings, ruledOn, standings } from './rates.ts'

const IntervalPlot = lazy(() => import('./interval-plot.tsx').then((all) => ({ default: all.IntervalPlot })))

const mostTasks = 600
const mostPanels = 60

/** The newest tasks, enough for shares; the comparison pages have the whole record. */
const recordQuery = {
  queryKey: ['tasks', 'record'],
  queryFn: async () => {
    const tasks = []
    for (let before: string | undefined; tasks.length < mostTasks; ) {
      const page = await client.listTasks({ query: { limit: 200, ...(before ? { before } : {}) } })
      tasks.push(...page.tasks)
      if (!page.next) break
      before = page.next
    }
    return tasks
  },
}

const ratingsQuery = {
  queryKey: ['ratings'],
  queryFn: async () => (await client.ratings({})).ratings,
}

/** As many digits as the scale needs. */
const figure = (value: number) => value.toFixed(Math.abs(value) < 20 ? 2 : 0)

const share = ({ share, low, high, hits, of }: Rate) =>
  share === null
    ? 'no ruling yet'
    : `${Math.round(share * 100)}% (${Math.round(low * 100)}–${Math.round(high * 100)}), ${hits} of ${of}`

export function ContendersScreen() {
  const record = useQuery(recordQuery)
  const agents = useQuery(agentsQuery)
  const ratings = useQuery(ratingsQuery)
  const rows = useMemo(() => standings(record.data ?? []), [record.data])
  const ruled = useMemo(
    () =>
      ruledOn(record.data ?? [])
        .flatMap(({ task, taken }) =>
          task.trials
            .filter(({ candidate }) => candidate)
            .map((trial) => ({ taskId: task.id, trialId: trial.id, taken: trial.id === taken })),
        )
        .slice(0, mostPanels),
    [record.data],
  )
  const panels = useQueries({
    queries: ruled.map(({ taskId, trialId }) => ({ ...panelQuery(taskId, trialId), retry: false })),
  })
  const cases = panels.flatMap(({ data }, index): { panel: PanelReport; taken: boolean }[] =>
    data ? [{ panel: data, taken: ruled[index]!.taken }] : [],
  )
  const reviewers = reviewerStandings(cases)
  const plotted = useMemo(
    () =>
      rows.flatMap(({ contender, taken }) =>
        taken.share === null ? [] : [{ name: contender, share: taken.share, low: taken.low, high: taken.high }],
      ),
    [rows],
  )
  const reviewed = reviewers.flatMap(({ stance, right }) =>
    right.share === null ? [] : [{ name: stance, share: right.share, low: right.low, high: right.high }],
  )
  return (
    <Screen title="Contenders and reviewers">
      <Scroll label="Record">
        <div className="mx-auto flex max-w-5xl flex-col gap-8 p-5">
          <section>
            <h2 className="text-lg font-semibold">Contenders</h2>
            <p className="mb-3 max-w-2xl text-ink-soft">
              How often people took what a contender offered, of the tasks they ruled on. The line is the 95% interval:
              where two overlap widely, the record does not tell them apart.{' '}
              <Link to="/verdicts" className="text-accent underline">
                Verdicts
              </Link>{' '}
              compare on shared tasks.
            </p>
            {plotted.length > 0 && (
              <Suspense>
                <IntervalPlot rows={plotted} label="Taken by people" />
              </Suspense>
            )}
            <Table
              head={['Contender', 'Taken', 'Trials', 'Gave up', 'Cost, median', 'Minutes, median']}
              rows={rows.map((row) => [
                row.contender,
                share(row.taken),
                String(row.trials),
                String(row.failed),
                money(row.micros),
                row.minutes === null ? '–' : row.minutes.toFixed(1),
              ])}
              empty="No trial has run yet."
            />
          </section>
          {ratings.data && ratings.data.length > 0 && (
            <section>
              <h2 className="text-lg font-semibold">Ratings on shared tasks</h2>
              <p className="max-w-2xl text-ink-soft">Contenders of one group cannot be told apart.</p>
              <Table
                head={['Contender', 'Rating', '95% interval', 'Group', 'Pairings']}
                rows={ratings.data.map((row) => [
                  row.contender,
                  figure(row.rating),
                  row.lower === null || row.upper === null ? '–' : `${figure(row.lower)}–${figure(row.upper)}`,
                  String(row.group),
                  String(row.pairings),
                ])}
                empty=""
              />
            </section>
          )}
          <section>
            <h2 className="text-lg font-semibold">Reviewers</h2>
            <p className="mb-3 max-w-2xl text-ink-soft">
              How often a reviewer’s vote agreed with what the person did, and its skill: how much better its
              probabilities are than always saying the base rate. 0 tells nothing.
            </p>
            {reviewed.length > 0 && (
              <Suspense>
                <IntervalPlot rows={reviewed} label="Agreed with the person" />
              </Suspense>
            )}
            <Table
              head={['Reviewer', 'Agreed', 'Skill', 'Ship / skip / abstain', '']}
              rows={reviewers.map((row) => [
                row.engine === 'rules' ? row.stance : `${row.stance}, ${row.engine}`,
                share(row.right),
                row.skill === null ? '–' : row.skill.toFixed(2),
                `${row.ships} / ${row.skips} / ${row.abstains}`,
                row.sentence,
              ])}
              empty="No reviewed candidate was ruled on yet."
            />
          </section>
          {agents.data && <Agents agents={agents.data} />}
        </div>
      </Scroll>
    </Screen>
  )
}

interface TableProps {
  head: readonly string[]
  rows: readonly string[][]
  empty: string
}

const Table = ({ head, rows, empty }: TableProps) =>
  rows.length === 0 ? (
    <p className="text-ink-faint">{empty}</p>
  ) : (
    <div className="mt-3 overflow-x-auto rounded-md border border-line bg-panel">
      <table className="w-full text-sm">
        <thead>
          <tr className="border-b border-line text-left text-xs text-ink-faint">
            {head.map((title) => (
              <th key={title} scope="col" className="px-3 py-1.5 font-medium whitespace-nowrap">
                {title || <span className="sr-only">In words</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ...cells]) => (
            <tr key={name} className="border-t border-line first:border-t-0">
              <th scope="row" className="px-3 py-1.5 text-left font-mono text-xs font-normal whitespace-nowrap">
                {visible(name ?? '')}
              </th>
              {cells.map((cell, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the columns do not move.
                <td key={index} className="tabular px-3 py-1.5 text-ink-soft max-sm:whitespace-nowrap">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
