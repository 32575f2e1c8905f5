// Verdicts: two contenders over shared tasks, each linking to its own page, which the house renders.
import type { VerdictLabel } from '@seatrial/protocol/verdict'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { client, sentenceOf } from '../data/client.ts'
import { moment } from '../parts/format.ts'
import { Screen } from '../parts/screen.tsx'
import { Scroll } from '../parts/scroll.tsx'
import { visible } from '../parts/visible.ts'
import { AskVerdict } from './ask-verdict.tsx'

export const comparisonsQuery = queryOptions({
  queryKey: ['comparisons'],
  queryFn: async () => (await client.listComparisons({})).comparisons,
})

const tones: Record<VerdictLabel, string> = {
  'ship-a': 'bg-ship-wash text-ship',
  'ship-b': 'bg-ship-wash text-ship',
  'lean-a': 'bg-accent-wash text-accent',
  'lean-b': 'bg-accent-wash text-accent',
  'too-close': 'bg-sunk text-ink-soft',
  'too-early': 'bg-sunk text-ink-soft',
  'ship-neither': 'bg-skip-wash text-skip',
}

export function VerdictsScreen() {
  const comparisons = useQuery(comparisonsQuery)
  const rows = comparisons.data ?? []
  return (
    <Screen title="Verdicts">
      <Scroll label="Verdicts">
        <div className="mx-auto flex max-w-4xl flex-col gap-5 p-5">
          <p className="max-w-2xl text-ink-soft">
            Which one should you ship with? Each page compares two contenders over the tasks both took part in, and says
            only what the evidence supports.
          </p>
          {rows.length > 0 && (
            <ul className="divide-y divide-line rounded-md border border-line bg-panel">
              {rows.map((row) => (
                <li key={row.slug} className="flex flex-wrap items-baseline gap-x-3 gap-y-1 px-4 py-2.5">
                  <a
                    href={`/compare/${encodeURIComponent(row.slug)}`}
                    className="font-medium text-accent hover:underline"
                  >
                    {visible(`${row.a} or ${row.b}`)}
                  </a>
                  <span className={`rounded px-1.5 text-xs font-medium ${tones[row.label]}`}>{visible(row.words)}</span>
                  <span className="ml-auto text-xs text-ink-faint">{moment(row.at)}</span>
                  <p className="w-full text-ink-soft">{visible(row.sentence)}</p>
                </li>
              ))}
            </ul>
          )}
          {comparisons.error && <p className="text-skip">{sentenceOf(comparisons.error)}</p>}
          {comparisons.isSuccess && rows.length === 0 && (
            <section className="rounded-md border border-dashed border-line-strong p-6">
              <h2 className="mb-1 font-semibold">No verdict yet</h2>
              <p className="max-w-xl text-ink-soft">
                A verdict needs two contenders that worked on the same tasks. Start a task with two of them, decide, and
                repeat; the first page appears once there is something to say.
              </p>
            </section>
          )}
          <AskVerdict />
        </div>
      </Scroll>
    </Screen>
  )
}
