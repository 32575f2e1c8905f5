// Which hosts the trials of a project may reach: what its settings say, and what people said, which can be taken back.
import type { EgressView } from '@seatrial/protocol/project'
import { queryOptions, skipToken, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { cache, projectsQuery } from '../data/queries.ts'
import { Button } from '../parts/button.tsx'
import { inputLook } from '../parts/field.tsx'
import { moment } from '../parts/format.ts'
import { visible } from '../parts/visible.ts'
import { Part } from './part.tsx'

const hostsQuery = (id: string | undefined) =>
  queryOptions({
    queryKey: ['egress', id],
    queryFn: id ? () => client.getEgress({ params: { id } }) : skipToken,
  })

/** `mayChange` is false for a person who may only look. */
export function Hosts({ mayChange }: { mayChange: boolean }) {
  const projects = useQuery(projectsQuery).data ?? []
  const [chosen, setChosen] = useState<string>()
  const [host, setHost] = useState('')
  const id = chosen ?? projects[0]?.id
  const egress = useQuery(hostsQuery(id)).data
  if (!id) return null
  const tell = async (pattern: string, verdict: 'always' | 'never' | 'forget') => {
    const now = await act(client.setEgress({ params: { id }, body: { host: pattern, verdict } }))
    if (now) cache.setQueryData(hostsQuery(id).queryKey, now)
    return now !== null
  }
  const add = async (verdict: 'always' | 'never') => {
    if (await tell(host.trim(), verdict)) setHost('')
  }
  return (
    <Part title="Hosts that trials may reach">
      <div className="mb-2 flex flex-wrap items-baseline gap-x-3 gap-y-1.5 text-ink-soft">
        <select
          aria-label="Project"
          value={id}
          onChange={(event) => setChosen(event.target.value)}
          className={`${inputLook} w-40!`}
        >
          {projects.map((project) => (
            <option key={project.id} value={project.id}>
              {visible(project.name)}
            </option>
          ))}
        </select>
        {egress && <span className="[overflow-wrap:anywhere]">{visible(bySettings(egress))}</span>}
      </div>
      <ul className="mb-3 flex flex-col divide-y divide-line">
        {egress?.rules.map((rule) => (
          <li key={rule.host} className="flex flex-wrap items-baseline gap-x-3 py-1.5">
            <span className="font-mono text-xs [overflow-wrap:anywhere]">{visible(rule.host)}</span>
            <span className={rule.verdict === 'always' ? 'text-ship' : 'text-skip'}>{rule.verdict}</span>
            <span className="text-xs text-ink-faint">said {moment(rule.at)}</span>
            {mayChange && (
              <Button small tone="quiet" className="ml-auto" onClick={() => void tell(rule.host, 'forget')}>
                Forget<span className="sr-only"> {visible(rule.host)}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
      {mayChange && (
        <form
          className="flex flex-wrap gap-2"
          onSubmit={(event) => {
            event.preventDefault()
            void add('always')
          }}
        >
          <input
            aria-label="Host"
            placeholder="host, e.g. *.example.com"
            required
            value={host}
            onChange={(event) => setHost(event.target.value)}
            className={`${inputLook} w-56!`}
          />
          <Button type="submit" disabled={!host.trim()}>
            Allow
          </Button>
          <Button disabled={!host.trim()} onClick={() => void add('never')}>
            Deny
          </Button>
        </form>
      )}
    </Part>
  )
}

function bySettings({ presets, allow, credentials, unknown }: EgressView): string {
  const allowed = [...presets.map(({ name }) => `preset ${name}`), ...allow, ...credentials].join(', ')
  const others = unknown === 'ask' ? 'a person is asked' : 'they are denied'
  return `${allowed ? `Allowed by its settings: ${allowed}.` : 'Its settings allow none.'} Of others, ${others}.`
}
