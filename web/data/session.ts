// Who is signed in. The house keeps the session in an HttpOnly cookie; the page only asks.
import { queryOptions } from '@tanstack/react-query'
import { client, isRefusal } from './client.ts'
import { cache } from './queries.ts'

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => client.whoAmI({}),
  retry: (count, error) => isRefusal(error, 'unavailable') && count < 2,
  staleTime: Number.POSITIVE_INFINITY,
})

export async function signIn(token: string): Promise<void> {
  await client.signIn({ body: { token } })
  await cache.resetQueries({ queryKey: sessionQuery.queryKey })
}

/** Forgets everything this page knew. */
export async function signOut(): Promise<void> {
  await client.signOut({}).catch(() => {})
  location.assign('/')
}
