// What tokens cost, by the price data that is installed: dated, historic, and never fetched. Unknown is null, never 0.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { calcPrice } from '@pydantic/genai-prices'
import type { Usage } from '@seatrial/protocol'

/** Day each release of the price data was published; a release not listed has no date. */
const releasedOn: Record<string, string> = { '0.1.8': '2026-09-23' }

export interface PricesSnapshot {
  source: string
  version: string
  /** Day of the release (`2026-09-23`), or null when not known. */
  checkedAt: string | null
  /** SHA-256 of the data as installed. */
  sha256: string
}

let snapshot: PricesSnapshot | undefined

/** Which price data figures rest on. Reads the installed package once. */
export function pricesSnapshot(): PricesSnapshot {
  if (snapshot) return snapshot
  const source = '@pydantic/genai-prices'
  const file = fileURLToPath(import.meta.resolve(source))
  const { version } = JSON.parse(readFileSync(join(dirname(file), '..', 'package.json'), 'utf8'))
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex')
  snapshot = { source, version, checkedAt: releasedOn[version] ?? null, sha256 }
  return snapshot
}

/** Tokens to be priced; `inputTokens` excludes both cache counts, `cacheWriteTokens` includes the one-hour part. */
export type PricedTokens = Pick<Usage, 'inputTokens' | 'cacheReadTokens' | 'cacheWriteTokens' | 'outputTokens'> & {
  cacheWrite1hTokens?: number
}

export interface Prices {
  /** Millionths of a US dollar, or null when the price is not known. */
  priceOf(model: string, provider: string | null, usage: PricedTokens, at: Date): number | null
}

/** Millionths of a US dollar at the list price of that day, rounded up, or null when the price is not known. */
export function priceOf(model: string, provider: string | null, usage: PricedTokens, at: Date): number | null {
  if (provider === null) return null
  const tokens = {
    input_tokens: usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens,
    cache_read_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    output_tokens: usage.outputTokens,
    ...(usage.cacheWrite1hTokens ? { cache_write_1h_tokens: usage.cacheWrite1hTokens } : {}),
  }
  const price = calcPrice(tokens, model, { providerId: provider, timestamp: at })
  return price === null ? null : Math.ceil(price.total_price * 1e6 - 1e-6)
}
