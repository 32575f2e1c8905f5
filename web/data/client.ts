// The one client of the page: its own origin, its session cookie, no token.
import { createClient } from '@seatrial/protocol/client'
import { Refusal } from '@seatrial/protocol/refusal'

export const client = createClient({ baseUrl: '' })

/** A sentence to show for anything that went wrong with a request. */
export const sentenceOf = (error: unknown): string =>
  error instanceof Refusal ? error.message : 'Something in the page broke; reload it and try again.'

export const isRefusal = (error: unknown, code: Refusal['code']): boolean =>
  error instanceof Refusal && error.code === code
