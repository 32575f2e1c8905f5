// Lets signed-in people through; everyone else meets the login.
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { isRefusal, sentenceOf } from '../data/client.ts'
import { sessionQuery } from '../data/session.ts'
import { Button } from '../parts/button.tsx'
import { Login } from './login.tsx'

export function Door({ children }: { children: ReactNode }) {
  const session = useQuery(sessionQuery)
  if (session.isSuccess) return children
  if (session.isPending) return null
  if (isRefusal(session.error, 'unauthenticated')) return <Login />
  return (
    <main className="flex h-full flex-col items-center justify-center gap-3 p-6 text-center">
      <h1 className="text-lg font-semibold">The house does not answer</h1>
      <p className="max-w-md text-ink-soft">{sentenceOf(session.error)}</p>
      <Button onClick={() => void session.refetch()}>Try again</Button>
    </main>
  )
}
