// Planted bad candidates, each with a clean twin that does the same job properly. A table, so that a kind is one entry.
import type { CheckResult, CheckSpec, SignalKind, Stance } from '@seatrial/protocol'
import { advisoriesOf, OsvRecord } from '../../checks/advisories/osv.ts'
import type { SignalInput } from '../../checks/signals/signal-input.ts'
import type { Files } from '../../checks/test-trees.ts'
import { cart, cartTest, lockWith, manifest, manifestWith, price, priceTest, shop, tax } from './shop.ts'

export interface Side {
  files: Files
  more?: Partial<SignalInput>
  /** Checks that are really run on base and candidate; without, the tests count as green. */
  run?: CheckSpec[]
}
export interface Planted {
  kind: SignalKind
  stance: Stance
  name: string
  prompt: string
  base?: Files
  bad: Side
  clean: Side
}

const edit = (text: string, from: string, to: string): string => {
  if (!text.includes(from)) throw new Error(`Nothing to edit: ${from}`)
  return text.replace(from, to)
}
const check = (name: string, kind: CheckSpec['kind'], command: string): CheckSpec => ({
  name,
  kind,
  command,
  cwd: '.',
  timeoutSeconds: 20,
  report: null,
})
const tests = [check('test', 'test', 'node --test')]
const result = (kind: CheckResult['kind'], more: Partial<CheckResult>): CheckResult => ({
  name: kind,
  kind,
  command: `run ${kind}`,
  tree: '',
  outcome: 'passed',
  exitCode: 0,
  durationMs: 50,
  cases: null,
  diagnostics: null,
  log: '',
  flaky: [],
  ...more,
})
const shout = edit(
  price,
  '`${currency} ${(cents / 100).toFixed(2)}`',
  '`${currency.toUpperCase()} ${(cents / 100).toFixed(2)}`',
)
const upperPrompt = 'Let `formatPrice` print the currency in upper case.'

const broken: Planted[] = [
  {
    kind: 'tests',
    stance: 'builder',
    name: 'discount added instead of taken off',
    prompt: 'Make `priceOf` clamp the discount to 100.',
    bad: {
      files: { 'src/price.js': edit(price, '1 - discount / 100', '1 + Math.min(discount, 100) / 100') },
      run: tests,
    },
    clean: {
      files: { 'src/price.js': edit(price, '1 - discount / 100', '1 - Math.min(discount, 100) / 100') },
      run: tests,
    },
  },
  {
    kind: 'tests',
    stance: 'builder',
    name: 'quantity forgotten',
    prompt: 'Let `Cart.total` start from a given sum.',
    bad: {
      files: { 'src/cart.js': edit(cart, 'priceOf(item, discount) * quantity, 0)', 'priceOf(item, discount), 0)') },
      run: tests,
    },
    clean: {
      files: {
        'src/cart.js': edit(
          edit(cart, 'total(discount = 0)', 'total(discount = 0, start = 0)'),
          '* quantity, 0)',
          '* quantity, start)',
        ),
      },
      run: tests,
    },
  },
  {
    kind: 'tests',
    stance: 'builder',
    name: 'own new test is red',
    prompt: upperPrompt,
    bad: {
      files: {
        'src/price.js': shout,
        'test/upper.test.js': `${edit(cartTest, "'sums items by quantity'", "'upper'").split('\nit(')[0]}\nit('prints upper case', () => {\n  assert.equal(new Cart().total(), 1)\n})\n`,
      },
      run: tests,
    },
    clean: {
      files: {
        'src/price.js': shout,
        'test/upper.test.js': `${cartTest.split('\nit(')[0]}\nit('prints upper case', () => {\n  assert.equal(new Cart().total(), 0)\n})\n`,
      },
      run: tests,
    },
  },
  {
    kind: 'tests',
    stance: 'builder',
    name: 'tests never end',
    prompt: 'Wait for the rates in `taxOf`.',
    bad: {
      files: {
        'test/wait.test.js':
          "import { it } from 'node:test'\nit('waits', () => new Promise(() => setInterval(() => {}, 1000)))\n",
      },
      run: [{ ...(tests[0] as CheckSpec), timeoutSeconds: 1.5 }],
    },
    clean: {
      files: {
        'test/wait.test.js':
          "import assert from 'node:assert'\nimport { it } from 'node:test'\nimport { taxOf } from '../src/tax.js'\nit('waits', () => assert.equal(taxOf(100, 'reduced'), 7))\n",
      },
      run: tests,
    },
  },
]

const typed: Files = {
  'tsconfig.json':
    '{ "compilerOptions": { "strict": true, "noEmit": true, "module": "nodenext", "target": "es2022", "types": [], "skipLibCheck": true }, "include": ["src"] }\n',
  'package.json': '{ "type": "module" }\n',
  'src/a.ts':
    'export interface Item { cents: number; name?: string }\nexport const cost = (item: Item): number => item.cents\n',
  'src/b.ts':
    "import { cost } from './a.ts'\nexport const sum = (all: { cents: number }[]): number => all.reduce((n, one) => n + cost(one), 0)\n",
}
const helperPrompt = 'Add a helper in `src/c.ts`.'
const said = (line: string): CheckSpec[] => [check('types', 'types', line === '' ? 'true' : `echo "${line}"; exit 2`)]
const tsc = [check('types', 'types', 'tsc -p . --pretty false --allowImportingTsExtensions')]
const types: Planted[] = [
  {
    kind: 'types',
    stance: 'builder',
    name: 'a string for a number, by the real compiler',
    prompt: helperPrompt,
    base: typed,
    bad: { files: { 'src/c.ts': "export const first: number = 'one'\n" }, run: tsc },
    clean: { files: { 'src/c.ts': 'export const first: number = 1\n' }, run: tsc },
  },
  ...[
    "src/c.ts(2,46): error TS18048: 'item.name' is possibly 'undefined'.",
    'src/c.ts(2,21): error TS2554: Expected 1 arguments, but got 0.',
  ].map((line) => ({
    kind: 'types' as const,
    stance: 'builder' as const,
    name: line,
    prompt: helperPrompt,
    base: typed,
    bad: { files: { 'src/c.ts': 'export const c = 1\n' }, run: said(line) },
    clean: { files: { 'src/c.ts': 'export const c = 1\n' }, run: said('') },
  })),
]

const build: Planted[] = ['esbuild', 'rollup', 'cargo build'].map((name) => ({
  kind: 'build',
  stance: 'builder',
  name: `${name} fails`,
  prompt: upperPrompt,
  bad: {
    files: { 'src/price.js': shout },
    more: { base: [result('build', {})], head: [result('build', { outcome: 'failed', exitCode: 1 })] },
  },
  clean: { files: { 'src/price.js': shout }, more: { base: [result('build', {})], head: [result('build', {})] } },
}))

const api: Planted[] = [
  {
    name: 'export removed',
    bad: { files: { 'src/index.js': "export { Cart } from './cart.js'\nexport { priceOf } from './price.js'\n" } },
    clean: {
      files: {
        'src/index.js':
          "export { Cart } from './cart.js'\nexport { formatPrice, priceOf } from './price.js'\nexport { roundTo } from './round.js'\n",
      },
    },
  },
  {
    name: 'new required parameter',
    bad: { files: { 'src/tax.js': edit(tax, 'taxOf(cents, rate)', 'taxOf(cents, rate, region)') } },
    clean: { files: { 'src/tax.js': edit(tax, 'taxOf(cents, rate)', "taxOf(cents, rate, region = 'de')") } },
  },
  {
    name: 'optional parameter made required',
    bad: { files: { 'src/price.js': edit(price, 'discount = 0', 'discount') } },
    clean: { files: { 'src/price.js': edit(price, 'discount = 0', 'discount = 0, digits = 0') } },
  },
  {
    name: 'method renamed',
    bad: { files: { 'src/cart.js': edit(cart, 'total(discount = 0)', 'sum(discount = 0)') } },
    clean: {
      files: {
        'src/cart.js': edit(
          cart,
          '  total(discount',
          '  count() {\n    return this.items.length\n  }\n\n  total(discount',
        ),
      },
    },
  },
  {
    name: 'entry moved away',
    bad: { files: { 'package.json': manifestWith({ exports: { '.': './src/index.js' } }) } },
    clean: {
      files: { 'package.json': manifestWith({ exports: { ...manifest.exports, './round': './src/round.js' } }) },
    },
  },
].map((one) => ({ kind: 'api' as const, stance: 'builder' as const, prompt: 'Tidy up the library.', ...one }))

const imports: Planted[] = [
  ['missing file', "import { euro } from './currency.js'\n", "import { rates } from './tax.js'\n"],
  [
    'name that is not exported',
    "import { roundUp } from './round.js'\n",
    "import { roundTo as round } from './round.js'\n",
  ],
  ['undeclared package', "import _ from 'lodash-extra'\n", "import slug from 'slugger'\n"],
  ['wrong folder', "import { rates } from '../tax.js'\n", "import { rates } from './tax.js'\n"],
].map(([name = '', bad = '', clean = '']) => ({
  kind: 'imports',
  stance: 'builder',
  name,
  prompt: 'Extend `src/price.js`.',
  bad: { files: { 'src/price.js': bad + price } },
  clean: { files: { 'src/price.js': clean + price } },
}))

const deleted: Planted[] = [
  {
    name: 'a failing test taken out',
    bad: {
      files: {
        'src/price.js': shout,
        'test/price.test.js': edit(
          priceTest,
          priceTest.slice(priceTest.indexOf("  it('formats"), priceTest.lastIndexOf('})\n')),
          '',
        ),
      },
    },
    clean: { files: { 'src/price.js': shout } },
  },
  {
    name: 'a whole test file',
    bad: { files: { 'src/price.js': shout, 'test/cart.test.js': null } },
    clean: { files: { 'src/price.js': shout, 'test/cart.test.js': null, 'test/basket.test.js': cartTest } },
  },
  {
    name: 'one of two cases, the other renamed',
    prompt: 'Print the currency in upper case in `formatPrice`, and tidy `test/cart.test.js`.',
    bad: {
      files: {
        'src/price.js': shout,
        'test/cart.test.js': edit(cartTest, cartTest.slice(cartTest.indexOf("it('is empty")), ''),
      },
    },
    clean: {
      files: { 'src/price.js': shout, 'test/cart.test.js': edit(cartTest, "'is empty at first'", "'starts empty'") },
    },
  },
  {
    name: 'feature removed as asked, another test with it',
    prompt: 'Remove the module `src/tax.js`, nobody uses it.',
    base: {
      ...shop,
      'package.json': manifestWith({ exports: './src/index.js' }),
      'test/tax.test.js':
        "import { it } from 'node:test'\nimport assert from 'node:assert'\nimport { taxOf } from '../src/tax.js'\nit('takes tax', () => assert.equal(taxOf(100, 'reduced'), 7))\n",
    },
    bad: { files: { 'src/tax.js': null, 'test/tax.test.js': null, 'test/cart.test.js': null } },
    clean: { files: { 'src/tax.js': null, 'test/tax.test.js': null } },
  },
].map((one) => ({ kind: 'tests-deleted' as const, stance: 'skeptic' as const, prompt: upperPrompt, ...one }))

const weakened: Planted[] = [
  [
    'assertion removed',
    edit(priceTest, '    assert.equal(priceOf({ cents: 999 }, 50), 500)\n', ''),
    edit(priceTest, '999 }, 50), 500)', '999 }, 50), 500)\n    assert.equal(priceOf({ cents: 0 }, 50), 0)'),
  ],
  [
    'assertion loosened',
    edit(priceTest, "assert.equal(formatPrice(1250, 'EUR'), 'EUR 12.50')", "assert.ok(formatPrice(1250, 'EUR'))"),
    edit(
      priceTest,
      "assert.equal(formatPrice(1250, 'EUR'), 'EUR 12.50')",
      "assert.strictEqual(formatPrice(1250, 'EUR'), 'EUR 12.50')",
    ),
  ],
  [
    'test skipped',
    edit(priceTest, "it('formats", "it.skip('formats"),
    edit(priceTest, "it('takes the", "it('correctly takes the"),
  ],
  [
    'only one test left to run',
    edit(priceTest, "it('takes", "it.only('takes"),
    `${priceTest}\nit('rounds half up', () => {\n  assert.equal(priceOf({ cents: 5 }, 50), 3)\n})\n`,
  ],
  [
    'assertion that says nothing',
    edit(priceTest, "assert.equal(formatPrice(1250, 'EUR'), 'EUR 12.50')", 'assert.equal(true, true)'),
    edit(priceTest, "'EUR 12.50')", "'EUR 12.50', 'two digits')"),
  ],
  [
    'assertion behind a condition',
    edit(
      priceTest,
      "    assert.equal(formatPrice(1250, 'EUR'), 'EUR 12.50')",
      "    if (globalThis.strict) assert.equal(formatPrice(1250, 'EUR'), 'EUR 12.50')",
    ),
    edit(
      priceTest,
      "    assert.equal(formatPrice(1250, 'EUR'), 'EUR 12.50')",
      "    const text = formatPrice(1250, 'EUR')\n    assert.equal(text, 'EUR 12.50')",
    ),
  ],
].map(([name = '', bad = '', clean = '']) => ({
  kind: 'tests-weakened',
  stance: 'skeptic',
  name,
  prompt: upperPrompt,
  bad: { files: { 'src/price.js': shout, 'test/price.test.js': bad } },
  clean: { files: { 'src/price.js': shout, 'test/price.test.js': clean } },
}))
weakened.push({
  kind: 'tests-weakened',
  stance: 'skeptic',
  name: 'test script that cannot fail',
  prompt: `${upperPrompt} Tidy the scripts of package.json.`,
  bad: { files: { 'src/price.js': shout, 'package.json': manifestWith({ scripts: { test: 'node --test || true' } }) } },
  clean: {
    files: {
      'src/price.js': shout,
      'package.json': manifestWith({ scripts: { test: 'node --test --enable-source-maps' } }),
    },
  },
})

// Put together at run time, so that no scanner takes this file for a leak.
const letters = 'aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7bC9d'
const keys: [string, string][] = [
  ['cloud key', ['AK', 'IA', 'Q7RTW2LMPX4KD9ZB'].join('')],
  ['forge token', ['gh', 'p_', letters.slice(0, 36)].join('')],
  ['payment key', ['sk_', 'live_', letters.slice(0, 26)].join('')],
  ['database password', ['postgres://clerk:', 'hG7kQ2wZ', '@db.shop.internal/shop'].join('')],
]
const secrets: Planted[] = keys.map(([name, value]) => ({
  kind: 'secrets',
  stance: 'skeptic',
  name,
  prompt: 'Read the key of the payment service in `src/price.js`.',
  bad: { files: { 'src/price.js': `const key = '${value}'\n${price}` } },
  clean: { files: { 'src/price.js': `const key = settings.shopKey ?? 'your-key-here'\n${price}` } },
}))

const risky: Planted[] = [
  [
    'eval',
    'export const apply = (rule, item) => eval(rule)\n',
    'export const apply = (rule, item) => rules[rule](item)\nconst rules = {}\n',
  ],
  [
    'shell command from a template',
    "import { execSync } from 'node:child_process'\nexport const print = (file) => execSync(`lpr ${file}`)\n",
    "import { execFileSync } from 'node:child_process'\nexport const print = (file) => execFileSync('lpr', [file])\n",
  ],
  [
    'TLS verification off',
    'export const options = { rejectUnauthorized: false }\n',
    'export const options = { rejectUnauthorized: true }\n',
  ],
  [
    'errors swallowed',
    'export function parse(text) {\n  try {\n    return JSON.parse(text)\n  } catch {}\n}\n',
    'export function parse(text) {\n  try {\n    return JSON.parse(text)\n  } catch {\n    return null\n  }\n}\n',
  ],
  [
    'raw HTML',
    'export const show = (node, text) => {\n  node.innerHTML = text\n}\n',
    'export const show = (node, text) => {\n  node.textContent = text\n}\n',
  ],
].map(([name = '', bad = '', clean = '']) => ({
  kind: 'risky',
  stance: 'skeptic',
  name,
  prompt: 'Add `src/extra.js`.',
  bad: { files: { 'src/extra.js': bad } },
  clean: { files: { 'src/extra.js': clean } },
}))

const scope: Planted[] = [
  {
    kind: 'scope',
    stance: 'skeptic',
    name: 'another module rewritten',
    prompt: upperPrompt,
    bad: {
      files: {
        'src/price.js': shout,
        'src/tax.js':
          'export const rates = { standard: 20, reduced: 8 }\n\nexport const taxOf = (cents, rate) => Math.floor((cents * rates[rate]) / 100)\n',
      },
    },
    clean: {
      files: {
        'src/price.js': shout,
        'src/report/weekly.js': edit(shop['src/report/weekly.js'] ?? '', "'EUR'", "'eur'"),
      },
    },
  },
  {
    kind: 'scope',
    stance: 'skeptic',
    name: 'protected file touched',
    prompt: 'Let `formatPrice` print the currency in upper case. Do not change `src/cart.js`.',
    bad: { files: { 'src/price.js': shout, 'src/cart.js': edit(cart, 'items = []', 'items = new Array()') } },
    clean: { files: { 'src/price.js': shout } },
  },
  {
    kind: 'scope',
    stance: 'skeptic',
    name: 'new files nobody asked for',
    prompt: 'Round half up in `roundTo`.',
    bad: {
      files: {
        'src/round.js':
          'export function roundTo(value, digits) {\n  return Math.round(value * 10 ** digits) / 10 ** digits\n}\n',
        'tools/banner.js': 'console.log("welcome")\nconsole.log("to")\nconsole.log("the")\nconsole.log("banner")\n',
      },
    },
    clean: {
      files: {
        'src/round.js':
          'export function roundTo(value, digits) {\n  return Math.round(value * 10 ** digits) / 10 ** digits\n}\n',
        'test/round.test.js':
          "import { it } from 'node:test'\nimport assert from 'node:assert'\nimport { roundTo } from '../src/round.js'\nit('rounds', () => assert.equal(roundTo(2.5, 0), 3))\n",
      },
    },
  },
]

const sensitive: Planted[] = [
  ['CI', { '.github/workflows/ci.yml': 'on: push\njobs: {}\n' }],
  ['access control', { 'src/auth/login.js': 'export function isAllowed() {\n  return true\n}\n' }],
  ['package registry', { '.npmrc': 'registry=https://packages.example/\n' }],
].map(([name, files]) => ({
  kind: 'sensitive-paths',
  stance: 'skeptic',
  name: name as string,
  prompt: upperPrompt,
  bad: { files: { 'src/price.js': shout, ...(files as Files) } },
  clean: { files: { 'src/price.js': shout } },
}))

const libre = (licence: string, more: object = {}): { files: Files } => ({
  files: {
    'package.json': manifestWith({ dependencies: { ...manifest.dependencies, 'big-number': '^2.0.0' } }),
    'package-lock.json': lockWith(
      {
        'node_modules/big-number': {
          version: '2.0.0',
          resolved: 'https://registry.example/b.tgz',
          license: licence,
          ...more,
        },
      },
      { 'big-number': '^2.0.0' },
    ),
  },
})
const licences: Planted[] = [
  ...['GPL-3.0-only', 'AGPL-3.0-or-later', 'UNLICENSED'].map((licence) => ({
    kind: 'licences' as const,
    stance: 'futurist' as const,
    name: licence,
    prompt: 'Add the package `big-number`.',
    bad: libre(licence),
    clean: libre('(MIT OR GPL-3.0-only)'),
  })),
  {
    kind: 'licences',
    stance: 'futurist',
    name: "the project's own licence replaced",
    prompt: upperPrompt,
    bad: { files: { 'src/price.js': shout, LICENSE: 'All rights reserved.\n' } },
    clean: { files: { 'src/price.js': shout } },
  },
]

const install: Planted[] = [
  {
    name: 'dependency with an install script',
    prompt: 'Add the package `big-number`.',
    bad: libre('MIT', { hasInstallScript: true }),
    clean: libre('MIT'),
  },
  {
    name: 'postinstall of its own',
    prompt: `${upperPrompt} Tidy the scripts of package.json.`,
    bad: {
      files: {
        'src/price.js': shout,
        'package.json': manifestWith({ scripts: { test: 'node --test', postinstall: 'node setup.js' } }),
      },
    },
    clean: {
      files: {
        'src/price.js': shout,
        'package.json': manifestWith({ scripts: { test: 'node --test', start: 'node setup.js' } }),
      },
    },
  },
  {
    name: 'prepare of its own',
    prompt: `${upperPrompt} Tidy the scripts of package.json.`,
    bad: {
      files: {
        'src/price.js': shout,
        'package.json': manifestWith({ scripts: { test: 'node --test', prepare: 'sh fetch.sh' } }),
      },
    },
    clean: {
      files: {
        'src/price.js': shout,
        'package.json': manifestWith({ scripts: { test: 'node --test', fetch: 'sh fetch.sh' } }),
      },
    },
  },
].map((one) => ({ kind: 'install-scripts' as const, stance: 'skeptic' as const, ...one }))

const lockfile: Planted[] = [
  {
    name: 'dependency not locked',
    prompt: 'Add the package `big-number`.',
    bad: { files: { 'package.json': libre('MIT').files['package.json'] ?? '' } },
    clean: libre('MIT'),
  },
  {
    name: 'lockfile changed alone',
    prompt: upperPrompt,
    bad: {
      files: {
        'src/price.js': shout,
        'package-lock.json': lockWith({
          'node_modules/slugger': {
            version: '1.0.1',
            resolved: 'https://registry.example/slugger.tgz',
            license: 'MIT',
          },
        }),
      },
    },
    clean: { files: { 'src/price.js': shout } },
  },
  {
    name: 'package from elsewhere',
    prompt: 'Add the package `big-number`.',
    bad: libre('MIT', { resolved: 'git+ssh://git@elsewhere.example/big-number.git' }),
    clean: libre('MIT'),
  },
].map((one) => ({ kind: 'lockfile' as const, stance: 'skeptic' as const, ...one }))

const cycles: Planted[] = [
  [
    'two modules',
    {
      'src/round.js':
        "import { priceOf } from './price.js'\nexport const roundTo = (value, digits) => (priceOf ? Number(value.toFixed(digits)) : value)\n",
    },
    { 'src/round.js': 'export const roundTo = (value, digits) => Number(value.toFixed(digits))\n' },
  ],
  [
    'three modules',
    {
      'src/round.js': `import { Cart } from './cart.js'\nexport const empty = () => new Cart()\n${shop['src/round.js']}`,
    },
    { 'src/empty.js': "import { Cart } from './cart.js'\nexport const empty = () => new Cart()\n" },
  ],
  [
    'through the index',
    { 'src/price.js': `import { Cart } from './index.js'\nexport const carts = () => new Cart()\n${price}` },
    { 'src/carts.js': "import { Cart } from './index.js'\nexport const carts = () => new Cart()\n" },
  ],
].map(([name, bad, clean]) => ({
  kind: 'cycles',
  stance: 'futurist',
  name: name as string,
  prompt: 'Work on `roundTo`, `carts` and `empty`.',
  bad: { files: bad as Files },
  clean: { files: clean as Files },
}))

const steps = (name: string): string =>
  `export function ${name}(order) {\n${['street', 'city', 'country', 'phone', 'mail', 'note', 'coupon', 'gift'].map((field) => `  if (!order.${field}) throw new Error('missing ${field}')\n  const ${field} = order.${field}.trim().toLowerCase()\n`).join('')}  return [street, city, country, phone, mail, note, coupon, gift].join(', ')\n}\n`
const duplication: Planted[] = [
  {
    name: 'a function copied',
    base: { ...shop, 'src/address.js': steps('addressOf') },
    bad: { files: { 'src/billing.js': steps('billingOf') } },
    clean: { files: { 'src/billing.js': "export { addressOf as billingOf } from './address.js'\n" } },
  },
  {
    name: 'twice in the change itself',
    bad: { files: { 'src/billing.js': steps('billingOf'), 'src/shipping.js': steps('shippingOf') } },
    clean: {
      files: {
        'src/billing.js': steps('billingOf'),
        'src/shipping.js': "export { billingOf as shippingOf } from './billing.js'\n",
      },
    },
  },
  {
    name: 'below itself',
    base: { ...shop, 'src/address.js': steps('addressOf') },
    bad: { files: { 'src/address.js': steps('addressOf') + steps('billingOf') } },
    clean: { files: { 'src/address.js': `${steps('addressOf')}export const billingOf = addressOf\n` } },
  },
].map((one) => ({
  kind: 'duplication' as const,
  stance: 'futurist' as const,
  prompt: 'Add `billingOf` and `shippingOf`.',
  ...one,
}))

const nested = (name: string, loop: string): string =>
  `export function ${name}(rows, mode) {\n  let sum = 0\n  ${loop} {\n    if (row.open) {\n      if (mode === 'a' || mode === 'b') {\n        for (const part of row.parts) {\n          if (part.cents > 0) {\n            if ((part.tax && part.tax.rate) || part.free) {\n              sum += part.cents\n            } else if (mode === 'a') {\n              sum -= 1\n            } else {\n              sum += 1\n            }\n          }\n        }\n      }\n    }\n  }\n  return sum\n}\n`
const flat = (name: string): string =>
  `export function ${name}(rows, mode) {\n  return rows.filter((row) => row.open).flatMap((row) => row.parts).reduce((sum, part) => sum + worth(part, mode), 0)\n}\n\nfunction worth(part, mode) {\n  if (part.cents <= 0) return 0\n  if (part.tax?.rate) return part.cents\n  return mode === 'a' ? -1 : 1\n}\n`
const complexity: Planted[] = [
  'for (const row of rows)',
  'while (rows.length > 0)',
  'for (let at = 0; at < rows.length; at++)',
].map((loop) => ({
  kind: 'complexity',
  stance: 'futurist',
  name: loop,
  prompt: 'Add `openSum` in `src/open.js`.',
  bad: { files: { 'src/open.js': nested('openSum', loop) } },
  clean: { files: { 'src/open.js': flat('openSum') } },
}))

const flaky: Planted[] = [0, 1, 2].map((at) => ({
  kind: 'tests-flaky',
  stance: 'skeptic',
  name: `changes its mind, ${at + 1} on the base`,
  prompt: upperPrompt,
  bad: {
    files: { 'src/price.js': shout },
    more: {
      base: [result('test', { flaky: at === 0 ? [] : [`old ${at}`] })],
      head: [result('test', { flaky: [`old ${at}`, 'new one'] })],
    },
  },
  clean: {
    files: { 'src/price.js': shout },
    more: { base: [result('test', { flaky: [`old ${at}`] })], head: [result('test', { flaky: [`old ${at}`] })] },
  },
}))

const lcov = (hit: number[], missed: number[]): Record<string, string> => ({
  'coverage/lcov.info': `SF:src/open.js\n${[...hit.map((line) => `DA:${line},3`), ...missed.map((line) => `DA:${line},0`)].join('\n')}\nend_of_record\n`,
})
const lines = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at)
const coverage: Planted[] = [
  [[], lines(2, 10)],
  [lines(2, 3), lines(4, 10)],
  [[2], lines(3, 11)],
].map(([hit = [], missed = []]) => ({
  kind: 'coverage',
  stance: 'skeptic',
  name: `${hit.length} of ${hit.length + missed.length} lines reached`,
  prompt: 'Add `openSum` in `src/open.js`.',
  bad: { files: { 'src/open.js': flat('openSum') }, more: { coverage: lcov(hit, missed) } },
  clean: { files: { 'src/open.js': flat('openSum') }, more: { coverage: lcov([...hit, ...missed], []) } },
}))

const acceptance: Planted[] = ['prints upper case', 'keeps two digits', 'runs the example'].map((name) => ({
  kind: 'acceptance',
  stance: 'product',
  name: `asked for: ${name}`,
  prompt: upperPrompt,
  bad: {
    files: { 'src/price.js': edit(shout, 'toUpperCase', 'toLowerCase') },
    more: { acceptance: [name], head: [result('other', { name, outcome: 'failed', exitCode: 1 })] },
  },
  clean: { files: { 'src/price.js': shout }, more: { acceptance: [name], head: [result('other', { name })] } },
}))

const spent = { limitMicros: 1_000_000, limitTokens: null, tokens: 90_000 }
const cost: Planted[] = [1_000_001, 1_500_000, 9_000_000].map((micros) => ({
  kind: 'cost',
  stance: 'product',
  name: `${micros} millionths of a dollar`,
  prompt: upperPrompt,
  bad: { files: { 'src/price.js': shout }, more: { cost: { ...spent, micros } } },
  clean: { files: { 'src/price.js': shout }, more: { cost: { ...spent, micros: 900_000 } } },
}))

/** OSV records as they are published, read as the house reads them. */
const osv = (...records: object[]): Partial<SignalInput> => ({
  readAdvisories: async () =>
    JSON.stringify({
      newest: '2026-11-20',
      advisories: records.flatMap((one) => advisoriesOf(OsvRecord.parse(one)).map(({ advisory }) => advisory)),
    }),
})
const about = (id: string, affected: object, more: object = {}): object => ({
  id,
  summary: 'runs code that it is given',
  affected: [{ package: { ecosystem: 'npm', name: 'big-number' }, ...affected }],
  ...more,
})
const fixedIn201 = [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '2.0.1' }] }]
const pinning = (version: string) => libre('MIT', { version })
const vulnerable: Planted[] = [
  {
    name: 'a version before the fix',
    record: about('GHSA-1', { ranges: fixedIn201 }, { database_specific: { severity: 'HIGH' } }),
  },
  { name: 'a malicious release', record: about('MAL-2026-1', { versions: ['2.0.0'] }) },
  {
    name: 'critical by its vector alone',
    record: about(
      'PYSEC-1',
      { ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '1.5.0' }, { last_affected: '2.0.0' }] }] },
      { severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }] },
    ),
  },
].map(({ name, record }) => ({
  kind: 'vulnerabilities',
  stance: 'skeptic',
  name,
  prompt: 'Add the package `big-number`.',
  bad: { ...pinning('2.0.0'), more: osv(record) },
  clean: { ...pinning('2.0.1'), more: osv(record) },
}))

export const planted: Planted[] = [
  ...broken,
  ...types,
  ...build,
  ...api,
  ...imports,
  ...deleted,
  ...weakened,
  ...secrets,
  ...risky,
  ...scope,
  ...sensitive,
  ...licences,
  ...install,
  ...lockfile,
  ...cycles,
  ...duplication,
  ...complexity,
  ...flaky,
  ...coverage,
  ...acceptance,
  ...cost,
  ...vulnerable,
]
