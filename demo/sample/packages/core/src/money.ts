/** An amount in cents with its currency. */
export interface Price {
  cents: number
  currency: 'EUR' | 'USD'
}

const symbols = { EUR: '€', USD: '$' } as const

/** Prints a price the way people read it. */
export function formatPrice(price: Price): string {
  return `${symbols[price.currency]}${(price.cents / 100).toFixed(2)}`
}
