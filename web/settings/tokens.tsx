// Access tokens for programs: made with a role and an end, revoked at once.
import { Role } from '@seatrial/protocol/api'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { cache } from '../data/queries.ts'
import { Button } from '../parts/button.tsx'
import { inputLook } from '../parts/field.tsx'
import { moment } from '../parts/format.ts'
import { visible } from '../parts/visible.ts'
import { Part, Secret } from './part.tsx'

const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async () => (await client.listTokens({})).tokens,
})
const refresh = () => cache.invalidateQueries({ queryKey: tokensQuery.queryKey })

export function Tokens() {
  const tokens = useQuery(tokensQuery)
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('member')
  const [days, setDays] = useState('90')
  const [secret, setSecret] = useState<string | null>(null)
  const make = async () => {
    const made = await act(client.makeToken({ body: { name: name.trim(), role, days: days ? Number(days) : null } }))
    if (!made) return
    setSecret(made.secret)
    setName('')
    await refresh()
  }
  const revoke = async (id: string) => {
    await act(client.revokeToken({ params: { id } }), 'Revoked.')
    await refresh()
  }
  return (
    <Part title="Access tokens">
      <ul className="mb-3 flex flex-col divide-y divide-line">
        {tokens.data?.map((token) => (
          <li key={token.id} className="flex flex-wrap items-baseline gap-x-3 py-1.5">
            <span className="font-medium">{visible(token.name)}</span>
            <span className="text-ink-soft">{token.role}</span>
            <span className="text-xs text-ink-faint">
              {token.lastUsedAt ? `used ${moment(token.lastUsedAt)}` : 'never used'}
              {token.expiresAt && `, until ${moment(token.expiresAt)}`}
            </span>
            <Button small tone="quiet" className="ml-auto" onClick={() => void revoke(token.id)}>
              Revoke<span className="sr-only"> {visible(token.name)}</span>
            </Button>
          </li>
        ))}
      </ul>
      <form
        className="flex flex-wrap gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          void make()
        }}
      >
        <input
          aria-label="Name of the token"
          placeholder="name, e.g. ci"
          required
          value={name}
          onChange={(event) => setName(event.target.value)}
          className={`${inputLook} w-40!`}
        />
        <select
          aria-label="Role"
          value={role}
          onChange={(event) => setRole(event.target.value as Role)}
          className={`${inputLook} w-28!`}
        >
          {Role.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
        <input
          aria-label="Days until it ends"
          type="number"
          min={1}
          max={3650}
          placeholder="days"
          value={days}
          onChange={(event) => setDays(event.target.value)}
          className={`${inputLook} w-24!`}
        />
        <Button type="submit" disabled={!name.trim()}>
          New token
        </Button>
      </form>
      {secret && <Secret secret={secret} />}
    </Part>
  )
}
