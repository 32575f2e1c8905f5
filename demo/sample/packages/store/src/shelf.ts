import { formatPrice } from '@shop/core'
import type { Price } from '@shop/core/money'

/** A label for the shelf, with `formatPrice` doing the work. */
export const label = (name: string, price: Price): string => `${name.toUpperCase()} ${formatPrice(price)}`
