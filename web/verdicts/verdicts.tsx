// Verdicts: two contenders over shared tasks, each linking to its own page, which the house renders.
import { queryOptions, useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { readIfThere } from '../data/client.ts'
import { Screen } from '../parts/screen.tsx'
import { Scroll } from '../parts/scroll.tsx'
import { visible } from '../parts/visible.ts'

/** What this page needs of a comparison; fields it does not know are left alone. */
const Row = z.object({
  slug: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,199}$/i),
  title: z.string().optional(),
  a: z.string().optional(),
  b: z.string().optional(),
  label: z.string().nullish(),
  sentence: z.string().nullish(),
  tasks: z.number().nullish(),
  updatedAt: z.string().nullish(),
})

const comparisonsQuery = queryOptions({
  queryKey: ['comparisons'],
  queryFn: () =>
    readIfThere('/v1/comparisons', (body) => {
      const list = z.object({ comparisons: z.array(z.unknown()) }).safeParse(body)
      return list.success ? list.data.comparisons.flatMap((one) => Row.safeParse(one).data ?? []) : []
    }),
})

export function VerdictsScreen() {
  const comparisons = useQuery(comparisonsQuery)
  const rows = comparisons.data ?? []
  return (
    <Screen title="Verdicts">
      <Scroll label="Verdicts">
        <div className="mx-auto max-w-4xl p-5">
          <p className="mb-4 max-w-2xl text-ink-soft">
            Which one should you ship with? Each page compares two contenders over the tasks both took part in, and says
            only what the evidence supports.
          </p>
          {rows.length > 0 && (
            <ul className="divide-y divide-line rounded-md border border-line bg-panel">
              {rows.map((row) => (
                <li key={row.slug} className="flex flex-wrap items-baseline gap-x-3 px-4 py-2.5">
                  <a
                    href={`/compare/${encodeURIComponent(row.slug)}`}
                    className="font-medium text-accent hover:underline"
                  >
                    {visible(row.title ?? (row.a && row.b ? `${row.a} or ${row.b}` : row.slug))}
                  </a>
                  {row.label && (
                    <span className="rounded bg-accent-wash px-1.5 text-xs font-medium text-accent">
                      {visible(row.label)}
                    </span>
                  )}
                  {typeof row.tasks === 'number' && (
                    <span className="tabular text-xs text-ink-faint">{row.tasks} tasks</span>
                  )}
                  {row.sentence && <p className="w-full text-ink-soft">{visible(row.sentence)}</p>}
                </li>
              ))}
            </ul>
          )}
          {comparisons.isSuccess && rows.length === 0 && (
            <section className="rounded-md border border-dashed border-line-strong p-6">
              <h2 className="mb-1 font-semibold">No verdict yet</h2>
              <p className="max-w-xl text-ink-soft">
                A verdict needs two contenders that worked on the same tasks. Start a task with two of them, decide, and
                repeat; the first page appears once there is something to say.
              </p>
            </section>
          )}
        </div>
      </Scroll>
    </Screen>
  )
}
