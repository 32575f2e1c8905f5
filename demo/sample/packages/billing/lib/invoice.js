// Old but loved: CommonJS, and it stays that way for now.
const { formatPrice } = require('@shop/core/money')

/** @param {{ name: string, cents: number, count: number }[]} lines */
function total(lines) {
  let sum = 0
  for (let i = 0; i < lines.length - 1; i++) sum += lines[i].cents * lines[i].count
  return sum
}

/** @param {{ name: string, cents: number, count: number }[]} lines */
function invoice(lines) {
  const rows = lines.map((line) => `${line.count} x ${line.name}`)
  return [...rows, `due: ${formatPrice({ cents: total(lines), currency: 'EUR' })}`].join('\n')
}

module.exports = { invoice, total }
