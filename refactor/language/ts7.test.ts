import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { makeTree } from '../testing/make-tree.ts'
import { openTree } from '../tree/tree.ts'
import { startTs7 } from './ts7.ts'

it('fetches no types for untyped JavaScript: npm is not even started', async () => {
  using repo = makeTree({
    'package.json': '{ "name": "plain", "dependencies": { "lodash": "^4.0.0" } }',
    'a.js': "module.exports = require('lodash').map([1], (x) => x)\n",
    'b.js': "module.exports = require('./a')\n",
  })
  using outside = makeTree({})
  const called = join(outside.root, 'called')
  const npm = join(outside.root, 'npm')
  mkdirSync(join(repo.root, 'node_modules'))
  writeFileSync(npm, `#!/bin/sh\necho "$@" >> '${called}'\nexit 1\n`)
  chmodSync(npm, 0o755)
  const { PATH, XDG_CACHE_HOME } = process.env
  onTestFinished(() => {
    process.env.PATH = PATH
    if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME
    else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME
  })
  process.env.PATH = `${outside.root}${delimiter}${PATH}`
  process.env.XDG_CACHE_HOME = join(outside.root, 'cache')

  const tree = openTree(repo.root)
  const engine = await startTs7(tree.root, tree.textOf)
  try {
    // With acquisition on, npm has been called by the time the second question is answered.
    for (const file of ['a.js', 'b.js']) {
      await engine.open(tree.path(file), tree.read(file)!.text)
      await engine.diagnostics(tree.path(file))
    }
    await engine.references(tree.path('a.js'), 0)
  } finally {
    await engine.close()
  }
  expect(existsSync(called) ? readFileSync(called, 'utf8') : 'no call').toBe('no call')
})
