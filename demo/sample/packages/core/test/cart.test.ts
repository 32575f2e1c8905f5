import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cart, formatPrice } from '@shop/core'

const bread = { name: 'bread', kind: 'food', price: { cents: 250, currency: 'EUR' } } as const

test('a price is printed with its currency', () => {
  assert.equal(formatPrice({ cents: 1999, currency: 'USD' }), '$19.99')
})

test('a receipt lists items and the total with tax', () => {
  assert.equal(new Cart().add(bread).receipt(), 'bread: €2.50\ntotal: €2.68')
})
