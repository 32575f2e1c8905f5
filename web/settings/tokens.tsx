// Access tokens for programs: made with a role and an end, revoked at once.
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { cache } from '../data/queries.ts'
import { inputLook } from '../parts/field.tsx'
import { moment } from '../parts/format.ts'
import { Members } from './members.tsx'

const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async () => (await client.listTokens({})).tokens,
})
const refresh = () => cache.invalidateQueries({ queryKey: tokensQuery.queryKey })

export function Tokens() {
  const tokens = useQuery(tokensQuery)
  const [days, setDays] = useState('90')
  return (
    <Members
      title="Access tokens"
      members={(tokens.data ?? []).map((token) => ({
        ...token,
        note: `${token.lastUsedAt ? `used ${moment(token.lastUsedAt)}` : 'never used'}${token.expiresAt ? `, until ${moment(token.expiresAt)}` : ''}`,
      }))}
      words={{ out: 'Revoke', add: 'New token', name: 'Name of the token', placeholder: 'name, e.g. ci' }}
      fields={
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
      }
      add={async (name, role) => {
        const made = await act(client.makeToken({ body: { name, role, days: days ? Number(days) : null } }))
        await refresh()
        return made?.secret ?? null
      }}
      remove={async (id) => {
        await act(client.revokeToken({ params: { id } }), 'Revoked.')
        await refresh()
      }}
    />
  )
}
