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

/** Signs in with the token `seatrial open` puts behind the #, and takes it out of the address and the history. */
export async function signInFromAddress(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (!token) return
  history.replaceState(null, '', location.pathname + location.search)
  // A token that is not valid leads to the login, which says so.
  await client.signIn({ body: { token } }).catch(() => {})
}

/** Forgets everything this page knew. */
export async function signOut(): Promise<void> {
  await client.signOut({}).catch(() => {})
  location.assign('/')
}
