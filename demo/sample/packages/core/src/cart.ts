import { type Kind, taxRate } from '#rates'
import { formatPrice, type Price } from './money.ts'

export interface Item {
  name: string
  kind: Kind
  price: Price
}

export class Cart {
  #items: Item[] = []

  add(item: Item): this {
    this.#items.push(item)
    return this
  }

  total(): Price {
    const cents = this.#items.reduce((sum, item) => sum + item.price.cents * (1 + taxRate(item.kind)), 0)
    return { cents: Math.round(cents), currency: 'EUR' }
  }

  receipt(): string {
    const lines = this.#items.map((item) => `${item.name}: ${formatPrice(item.price)}`)
    return [...lines, `total: ${formatPrice(this.total())}`].join('\n')
  }
}
