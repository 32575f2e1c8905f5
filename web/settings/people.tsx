// People who may sign in, each with a role.
import { Role } from '@seatrial/protocol/api'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { cache } from '../data/queries.ts'
import { Button } from '../parts/button.tsx'
import { inputLook } from '../parts/field.tsx'
import { visible } from '../parts/visible.ts'
import { Part, Secret } from './part.tsx'

const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: async () => (await client.listPeople({})).people,
})
const refresh = () => cache.invalidateQueries({ queryKey: peopleQuery.queryKey })

export function People() {
  const people = useQuery(peopleQuery)
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('member')
  const [secret, setSecret] = useState<string | null>(null)
  const invite = async () => {
    const made = await act(client.invitePerson({ body: { name: name.trim(), role } }))
    if (!made) return
    setSecret(made.secret)
    setName('')
    await refresh()
  }
  const remove = async (id: string) => {
    await act(client.removePerson({ params: { id } }), 'Removed; their tokens no longer open the house.')
    await refresh()
  }
  return (
    <Part title="People">
      <ul className="mb-3 flex flex-col divide-y divide-line">
        {people.data?.map((person) => (
          <li key={person.id} className="flex items-baseline gap-3 py-1.5">
            <span className="font-medium">{visible(person.name)}</span>
            <span className="text-ink-soft">{person.role}</span>
            <Button small tone="quiet" className="ml-auto" onClick={() => void remove(person.id)}>
              Remove<span className="sr-only"> {visible(person.name)}</span>
            </Button>
          </li>
        ))}
      </ul>
      <form
        className="flex flex-wrap gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          void invite()
        }}
      >
        <input
          aria-label="Name of the person"
          placeholder="name"
          required
          value={name}
          onChange={(event) => setName(event.target.value)}
          className={`${inputLook} w-40!`}
        />
        <select
          aria-label="Role of the person"
          value={role}
          onChange={(event) => setRole(event.target.value as Role)}
          className={`${inputLook} w-28!`}
        >
          {Role.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
        <Button type="submit" disabled={!name.trim()}>
          Invite
        </Button>
      </form>
      {secret && <Secret secret={secret} />}
    </Part>
  )
}
