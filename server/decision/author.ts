// Who a commit on the user's behalf is by: the user as their git knows them, or the house where it knows nobody.
import type { Checkout } from '../workspace/checkout.ts'

const house = { NAME: 'Seatrial', EMAIL: 'house@seatrial.invalid' }

/** Environment for commit-tree; empty when git knows the user. */
export async function identityOf(checkout: Checkout): Promise<Record<string, string>> {
  const known = await checkout.git(['var', 'GIT_AUTHOR_IDENT'], { codes: [128] })
  if (known.code === 0) return {}
  return Object.fromEntries(
    Object.entries(house).flatMap(([key, value]) => [
      [`GIT_AUTHOR_${key}`, value],
      [`GIT_COMMITTER_${key}`, value],
    ]),
  )
}
