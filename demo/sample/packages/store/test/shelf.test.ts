import assert from 'node:assert/strict'
import { test } from 'node:test'
import { label } from '@shop/store'

test('a label shouts the name and prints the price', () => {
  assert.equal(label('milk', { cents: 120, currency: 'EUR' }), 'MILK €1.20')
})
