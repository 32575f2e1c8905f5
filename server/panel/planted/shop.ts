// The sound little library on which candidates are planted.
import type { Files } from '../../checks/test-trees.ts'

export const manifest = {
  name: 'shop',
  version: '1.0.0',
  type: 'module',
  license: 'MIT',
  exports: { '.': './src/index.js', './tax': './src/tax.js' },
  scripts: { test: 'node --test' },
  dependencies: { slugger: '^1.0.0' },
}

const lock = {
  name: 'shop',
  lockfileVersion: 3,
  packages: {
    '': { name: 'shop', dependencies: { slugger: '^1.0.0' } },
    'node_modules/slugger': { version: '1.0.0', resolved: 'https://registry.example/slugger.tgz', license: 'MIT' },
  } as Record<string, object>,
}

export const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`

/** The lockfile with more packages in it. */
export const lockWith = (packages: Record<string, object>, top: Record<string, string> = {}): string =>
  json({
    ...lock,
    packages: {
      ...lock.packages,
      '': { name: 'shop', dependencies: { slugger: '^1.0.0', ...top } },
      ...packages,
    },
  })
export const manifestWith = (more: object): string => json({ ...manifest, ...more })

export const price = `import { roundTo } from './round.js'

/** Price of one item in cents, discount in percent. */
export function priceOf(item, discount = 0) {
  const cents = item.cents * (1 - discount / 100)
  return roundTo(cents, 0)
}

export function formatPrice(cents, currency) {
  return \`\${currency} \${(cents / 100).toFixed(2)}\`
}
`

export const cart = `import { priceOf } from './price.js'

export class Cart {
  items = []

  add(item, quantity = 1) {
    this.items.push({ item, quantity })
    return this
  }

  total(discount = 0) {
    return this.items.reduce((sum, { item, quantity }) => sum + priceOf(item, discount) * quantity, 0)
  }
}
`

export const tax = `export const rates = { standard: 19, reduced: 7 }

export function taxOf(cents, rate) {
  return Math.round((cents * rates[rate]) / 100)
}
`

export const priceTest = `import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatPrice, priceOf } from '../src/price.js'

describe('price', () => {
  it('takes the discount off', () => {
    assert.equal(priceOf({ cents: 1000 }, 10), 900)
    assert.equal(priceOf({ cents: 999 }, 50), 500)
  })

  it('formats with two digits', () => {
    assert.equal(formatPrice(1250, 'EUR'), 'EUR 12.50')
  })
})
`

export const cartTest = `import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Cart } from '../src/cart.js'

it('sums items by quantity', () => {
  const cart = new Cart().add({ cents: 100 }, 3).add({ cents: 50 })
  assert.equal(cart.total(), 350)
  assert.equal(cart.items.length, 2)
})

it('is empty at first', () => {
  assert.equal(new Cart().total(), 0)
})
`

export const shop: Files = {
  'package.json': json(manifest),
  'package-lock.json': json(lock),
  LICENSE: 'MIT License\n\nPermission is hereby granted, free of charge.\n',
  'README.md': '# Shop\n\nUse `priceOf(item, discount)` for prices and `Cart` to sum them up.\n',
  '.github/workflows/ci.yml': 'on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [{ run: npm test }]\n',
  'src/index.js': "export { Cart } from './cart.js'\nexport { formatPrice, priceOf } from './price.js'\n",
  'src/price.js': price,
  'src/cart.js': cart,
  'src/round.js': 'export function roundTo(value, digits) {\n  return Number(value.toFixed(digits))\n}\n',
  'src/tax.js': tax,
  'src/auth/login.js': 'export function isAllowed(user) {\n  return user.roles.includes("clerk")\n}\n',
  'src/report/weekly.js':
    "import { formatPrice } from '../price.js'\n\nexport const weekly = (totals) => totals.map((cents) => formatPrice(cents, 'EUR')).join('\\n')\n",
  'test/price.test.js': priceTest,
  'test/cart.test.js': cartTest,
}
