const assert = require('node:assert/strict')
const { test } = require('node:test')
const { invoice, total } = require('../lib/invoice.js')

const lines = [
  { name: 'bread', cents: 250, count: 2 },
  { name: 'milk', cents: 120, count: 1 },
]

test('the total counts every line', () => {
  assert.equal(total(lines), 620)
})

test('an invoice without lines is due nothing', () => {
  assert.equal(invoice([]), 'due: €0.00')
})
