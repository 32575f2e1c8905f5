import { describe, expect, it } from 'vitest'
import { makeTree } from '../testing/make-tree.ts'
import { renameSymbol } from './rename-symbol.ts'

const shop = (billing: string) => ({
  'package.json': '{ "private": true, "workspaces": ["packages/*"] }',
  'packages/core/package.json':
    '{ "name": "@shop/core", "type": "module", "exports": { ".": "./src/index.ts", "./money": "./src/money.ts" } }',
  'packages/core/src/index.ts': "export { price } from './money.ts'\n",
  'packages/core/src/money.ts': 'export function price(cents: number): string {\n  return String(cents)\n}\n',
  'packages/billing/package.json': '{ "name": "@shop/billing", "type": "commonjs" }',
  'packages/billing/lib/invoice.js': billing,
})

describe('a rename follows what CommonJS requires', () => {
  const rename = async (billing: string) => {
    const tree = makeTree(shop(billing))
    await renameSymbol({ root: tree.root, symbol: 'price', to: 'money', everywhere: true })
    return tree.read('packages/billing/lib/invoice.js')
  }

  it('into a destructured binding and its uses, keeping what the file itself exports', async () => {
    expect(
      await rename(
        "const { price } = require('@shop/core/money')\nconst a = price(1)\nmodule.exports = { price, b: { price: a } }\n",
      ),
    ).toBe(
      "const { money } = require('@shop/core/money')\nconst a = money(1)\nmodule.exports = { price: money, b: { price: a } }\n",
    )
  })

  it('into members of the module, and of a barrel over it', async () => {
    expect(await rename("const core = require('@shop/core')\nconst x = { price: 1 }\ncore.price(x.price)\n")).toBe(
      "const core = require('@shop/core')\nconst x = { price: 1 }\ncore.money(x.price)\n",
    )
  })

  it('keeps the local name where the new one is taken', async () => {
    expect(await rename("const money = 1\nconst { price } = require('@shop/core')\nprice(money)\n")).toBe(
      "const money = 1\nconst { money: price } = require('@shop/core')\nprice(money)\n",
    )
  })

  it('and leaves another module of that name alone', async () => {
    const other = "const { price } = require('./other.js')\nprice(1)\n"
    expect(await rename(other)).toBe(other)
  })
})
