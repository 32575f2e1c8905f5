#!/usr/bin/env node
// Starts the CLI on a Node that runs TypeScript; an older one hands over to the Node this project brings.
import { spawnSync } from 'node:child_process'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major > 22 || (major === 22 && minor >= 18)) {
  // Loading costs half when it was done before.
  module.enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/seatrial/code', import.meta.url)))
  await import('../main.ts')
} else {
  const brought = join(dirname(module.createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node')
  const { status, error } = spawnSync(brought, process.argv.slice(1), { stdio: 'inherit' })
  if (error) process.stderr.write('Seatrial needs Node 22.18 or newer; run `npm install` in its folder to get one.\n')
  process.exit(status ?? 2)
}
