// Who may spend: tokens of trials, and the calls each trial has in flight.
import { createHash, randomBytes } from 'node:crypto'
import type { Spender } from './gateway.ts'

export interface Account {
  spender: Spender
  /** Set once the trial's spending has ended. */
  ended: boolean
  inFlight: Set<AbortController>
  /** Fewest bytes a token came to in what the endpoint has counted for this trial; null before the first count. */
  bytesPerToken: number | null
}

export interface Spenders {
  mint(spender: Spender): string
  /** `ended` for a token whose trial's spending has ended. */
  find(request: Request, url: URL): Account | 'ended' | null
  revoke(trialId: string, token?: string | null): void
  revokeAll(): void
}

/** So many tokens of ended trials are still told why they are refused; older ones are unknown. */
const mostEnded = 1000

/** Tokens are kept only as hashes. */
const hash = (token: string): string => createHash('sha256').update(token).digest('hex')

export function createSpenders(): Spenders {
  const accounts = new Map<string, Account>()
  const ended = new Set<string>()
  const end = (key: string, account: Account): void => {
    accounts.delete(key)
    ended.add(key)
    const [oldest] = ended
    if (ended.size > mostEnded && oldest) ended.delete(oldest)
    account.ended = true
    for (const call of account.inFlight) call.abort(new Error('Spending of this trial has ended.'))
    account.inFlight.clear()
  }
  return {
    mint(spender) {
      const token = `st-${randomBytes(32).toString('base64url')}`
      accounts.set(hash(token), { spender, ended: false, inFlight: new Set(), bytesPerToken: null })
      return token
    },
    find(request, url) {
      const token = tokenOf(request, url)
      if (token === null) return null
      const key = hash(token)
      return accounts.get(key) ?? (ended.has(key) ? 'ended' : null)
    },
    revoke(trialId, token) {
      const only = token ? hash(token) : null
      for (const [key, account] of accounts)
        if (account.spender.trialId === trialId && (only === null || key === only)) end(key, account)
    },
    revokeAll() {
      for (const [key, account] of accounts) end(key, account)
    },
  }
}

/** Every place where some agent puts its key. */
function tokenOf({ headers }: Request, url: URL): string | null {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  return bearer ?? headers.get('x-api-key') ?? headers.get('x-goog-api-key') ?? url.searchParams.get('key')
}
