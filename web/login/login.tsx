// The login: the first-run token makes the admin, a personal token anyone else.
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { client, sentenceOf } from '../data/client.ts'
import { signIn } from '../data/session.ts'
import { Button } from '../parts/button.tsx'
import { Mark } from '../parts/mark.tsx'

export function Login() {
  const [token, setToken] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const ways = useQuery({ queryKey: ['ways'], queryFn: () => client.sessionWays({}), retry: false })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem(null)
    try {
      await signIn(token.trim())
    } catch (error) {
      setProblem(sentenceOf(error))
      setBusy(false)
    }
  }
  return (
    <main className="grid h-full place-items-center bg-rail p-4">
      <form onSubmit={submit} className="w-full max-w-sm rounded-lg border border-line-strong bg-panel p-6">
        <div className="mb-5 flex items-center gap-2.5 text-accent">
          <Mark size={28} />
          <h1 className="text-xl font-semibold tracking-tight text-ink">Seatrial</h1>
        </div>
        <label htmlFor="token" className="mb-1 block font-medium">
          Access token
        </label>
        <input
          id="token"
          type="password"
          autoComplete="current-password"
          // biome-ignore lint/a11y/noAutofocus: the only thing on this screen.
          autoFocus
          required
          value={token}
          onChange={(event) => setToken(event.target.value)}
          aria-describedby="token-help"
          className="w-full rounded border border-line-strong bg-panel px-2.5 py-2 font-mono text-sm text-ink"
        />
        <p id="token-help" className="mt-2 text-xs text-ink-faint">
          <code className="font-mono">seatrial open</code> signs you in without typing it;{' '}
          <code className="font-mono">seatrial open --print</code> shows the address that holds it.
        </p>
        {problem && (
          <p role="alert" className="mt-3 rounded bg-skip-wash px-2.5 py-2 text-skip">
            {problem}
          </p>
        )}
        <Button type="submit" tone="primary" disabled={busy || !token.trim()} className="mt-4 w-full justify-center">
          Come aboard
        </Button>
        {ways.data?.oidc && (
          <a
            href={`/auth/login?return=${encodeURIComponent(location.pathname)}`}
            className="mt-3 block text-center text-accent underline"
          >
            Sign in with your team’s account
          </a>
        )}
      </form>
    </main>
  )
}
