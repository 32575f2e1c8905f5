// Models: the catalogue of one's own models, what is on disk, and downloads under way.
import type { ModelCard } from '@seatrial/protocol/model'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { onEvent } from '../data/live.ts'
import { cache, contendersQuery } from '../data/queries.ts'
import { Button } from '../parts/button.tsx'
import { short } from '../parts/format.ts'
import { Screen } from '../parts/screen.tsx'
import { Scroll } from '../parts/scroll.tsx'
import { visible } from '../parts/visible.ts'

const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: async () => (await client.listModels({})).models,
})
const pullsQuery = queryOptions({
  queryKey: ['pulls'],
  queryFn: async () => (await client.listPulls({})).pulls,
})

/** Does something to a model and looks again. */
async function change(request: Promise<unknown>, done: string): Promise<void> {
  await act(request, done)
  await Promise.all([modelsQuery, pullsQuery].map(({ queryKey }) => cache.invalidateQueries({ queryKey })))
}

const states: Record<ModelCard['state'], [string, string]> = {
  installed: ['on disk', 'text-ship'],
  remote: ['at an address', 'text-accent'],
  pulling: ['downloading', 'text-warn'],
  available: ['can be pulled', 'text-ink-faint'],
}

const bytes = (count: number | null) => (count === null ? 'size unknown' : sized.format(count / 1e9))
const sized = new Intl.NumberFormat('en', { style: 'unit', unit: 'gigabyte', maximumFractionDigits: 1 })

export function ModelsScreen() {
  const models = useQuery(modelsQuery)
  const pulls = useQuery(pullsQuery)
  const contenders = useQuery(contendersQuery)
  useEffect(
    () =>
      onEvent(({ body }) => {
        if (body.type !== 'model.progress') return
        void cache.invalidateQueries({ queryKey: pullsQuery.queryKey })
        if (body.fraction === null || body.fraction >= 1)
          void cache.invalidateQueries({ queryKey: modelsQuery.queryKey })
      }),
    [],
  )
  const named = [...new Set((contenders.data ?? []).flatMap(({ model }) => model ?? []))]
  const under = pulls.data?.filter(({ state }) => !['done', 'cancelled'].includes(state)) ?? []
  const order = { installed: 0, remote: 1, pulling: 2, available: 3 }
  const list = [...(models.data ?? [])].sort(
    (a, b) => Number(b.chosen) - Number(a.chosen) || order[a.state] - order[b.state],
  )
  return (
    <Screen title="Models">
      <Scroll label="Models">
        <div className="mx-auto flex max-w-5xl flex-col gap-6 p-5">
          {under.map((pull) => (
            <section
              key={pull.name}
              aria-label={`Download of ${pull.name}`}
              className="rounded-md border border-line bg-panel p-3"
            >
              <p className="mb-1.5 flex gap-3">
                <span className="font-mono font-medium">{visible(pull.name)}</span>
                <span className={pull.state === 'failed' ? 'text-skip' : 'text-ink-soft'}>{pull.state}</span>
                <span className="tabular ml-auto text-xs text-ink-faint">
                  {bytes(pull.doneBytes)} of {bytes(pull.totalBytes)}
                </span>
              </p>
              <span aria-hidden="true" className="block h-1.5 overflow-hidden rounded-full bg-line">
                <span
                  className="block h-full bg-accent"
                  style={{ width: `${pull.totalBytes ? (100 * pull.doneBytes) / pull.totalBytes : 0}%` }}
                />
              </span>
              {pull.sentence && <p className="mt-1 text-xs text-ink-soft">{visible(pull.sentence)}</p>}
            </section>
          ))}
          {list.length > 0 && (
            <ul className="grid gap-2 md:grid-cols-2">
              {list.map((model) => (
                <li
                  key={model.name}
                  className={`rounded-md border bg-panel px-3.5 py-3 ${model.chosen ? 'border-accent' : 'border-line'}`}
                >
                  <p className="flex items-baseline gap-2">
                    <span className="min-w-0 truncate font-medium">{visible(model.title)}</span>
                    {model.chosen && (
                      <span className="rounded bg-accent-wash px-1.5 text-xs font-medium text-accent">in use</span>
                    )}
                    <span className={`ml-auto shrink-0 text-xs ${states[model.state][1]}`}>
                      {states[model.state][0]}
                    </span>
                  </p>
                  <p className="font-mono text-xs text-ink-faint">{visible(model.name)}</p>
                  <p className="mt-1 text-xs text-ink-soft">
                    {[
                      model.roles.join(', '),
                      model.seesImages ? 'sees pictures' : '',
                      model.contextTokens ? `${short.format(model.contextTokens)} tokens of context` : '',
                      bytes(model.bytes),
                      model.needBytes === null ? '' : `needs ${bytes(model.needBytes)} of memory`,
                      model.licence,
                    ]
                      .filter(Boolean)
                      .join(' · ')}
                  </p>
                  {model.adapters.length > 0 && (
                    <p className="mt-1 text-xs text-ink-soft">
                      Tuned:{' '}
                      <span className="font-mono">{model.adapters.map(({ name }) => visible(name)).join(', ')}</span>
                    </p>
                  )}
                  {model.fits === false && (
                    <p className="mt-1 text-xs font-medium text-skip">More than this machine has free.</p>
                  )}
                  {model.note && <p className="mt-1 text-xs text-ink-faint">{visible(model.note)}</p>}
                  {model.warnings.length > 0 && <Warnings warnings={model.warnings} />}
                  <p className="mt-2 flex gap-2">
                    {model.state === 'available' && (
                      <Button
                        small
                        onClick={() =>
                          void change(
                            client.pullModel({ body: { name: model.name, licence: model.licence } }),
                            `Pulling ${model.name} under ${model.licence}.`,
                          )
                        }
                      >
                        Pull, accepting {model.licence}
                      </Button>
                    )}
                    {['installed', 'remote'].includes(model.state) && !model.chosen && (
                      <Button
                        small
                        onClick={() =>
                          void change(
                            // biome-ignore lint/correctness/useHookAtTopLevel: a route of the API, not a hook.
                            client.useModel({ body: { name: model.name } }),
                            `${model.name} is used when none is named.`,
                          )
                        }
                      >
                        Use
                      </Button>
                    )}
                    {model.state === 'pulling' && (
                      <Button
                        small
                        onClick={() =>
                          void change(
                            client.cancelPull({ params: { name: model.name } }),
                            'Stopped; what is there is kept.',
                          )
                        }
                      >
                        Stop
                      </Button>
                    )}
                  </p>
                </li>
              ))}
            </ul>
          )}
          {models.isSuccess && list.length === 0 && (
            <section>
              <h2 className="mb-1 text-lg font-semibold">No model of your own yet</h2>
              <p className="mb-4 max-w-xl text-ink-soft">
                Seatrial works with models you own: pull one from the catalogue, import a GGUF file, or name an address
                that speaks the OpenAI protocol. <code className="rounded bg-sunk px-1 font-mono">seatrial models</code>{' '}
                does all three.
              </p>
              {named.length > 0 && (
                <>
                  <h3 className="mb-1 font-medium">Named by contenders</h3>
                  <ul className="flex flex-wrap gap-2">
                    {named.map((name) => (
                      <li key={name} className="rounded border border-line bg-panel px-2 py-1 font-mono text-xs">
                        {visible(name)}
                      </li>
                    ))}
                  </ul>
                </>
              )}
            </section>
          )}
        </div>
      </Scroll>
    </Screen>
  )
}

/** One is said at once; more are folded away, or the cards would be walls of them. */
const Warnings = ({ warnings }: { warnings: readonly string[] }) =>
  warnings.length === 1 ? (
    <p className="mt-1 text-xs text-warn">{visible(warnings[0]!)}</p>
  ) : (
    <details className="mt-1 text-xs text-warn">
      <summary>{warnings.length} agents may not fit</summary>
      {warnings.map((warning) => (
        <p key={warning} className="mt-1">
          {visible(warning)}
        </p>
      ))}
    </details>
  )
