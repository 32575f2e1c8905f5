// People who may sign in, each with a role.
import { queryOptions, useQuery } from '@tanstack/react-query'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { cache } from '../data/queries.ts'
import { Members } from './members.tsx'

const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: async () => (await client.listPeople({})).people,
})
const refresh = () => cache.invalidateQueries({ queryKey: peopleQuery.queryKey })

export function People() {
  const people = useQuery(peopleQuery)
  return (
    <Members
      title="People"
      members={people.data ?? []}
      words={{ out: 'Remove', add: 'Invite', name: 'Name of the person', placeholder: 'name' }}
      add={async (name, role) => {
        const made = await act(client.invitePerson({ body: { name, role } }))
        await refresh()
        return made?.secret ?? null
      }}
      remove={async (id) => {
        await act(client.removePerson({ params: { id } }), 'Removed; their tokens no longer open the house.')
        await refresh()
      }}
    />
  )
}
