// How the Node of a house or a worker is started: small, since it idles for days on a developer's machine.
// docs/decisions/055-a-small-idle-house.md has the figures.
import { fileURLToPath } from 'node:url'

/** For every process with a store in it, tests included. */
export const storeNodeArgs = [
  // The embedded database is compiled once, by V8's baseline compiler. Optimizing its hot functions costs a freshly
  // started house about a third of its CPU time, and memory; a house asks too little of it to get them back.
  '--no-wasm-dynamic-tiering',
  '--no-wasm-tier-up',
  '--import',
  new URL('near-imports.ts', import.meta.url).href,
]

/** Young objects get little room; with the default the heap stays many times larger than what it holds. */
export const houseNodeArgs = ['--max-semi-space-size=2', ...storeNodeArgs]

export const houseNodeEnv = {
  // Memory goes back to the system: compiling the embedded database fills an arena per thread, once.
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '65536',
  // Modules compiled at an earlier start are loaded as they are; Node does without where the folder cannot be written.
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/seatrial/code', import.meta.url)),
}
