// Holds the picture of the house (docs/architecture.md) against the imports: they point one way.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** What each room of the server may import, besides itself and the protocol. */
const mayImport: Record<string, string[]> = {
  store: [],
  queue: ['store'],
  gateway: [],
  project: [],
  sandbox: [],
  workspace: ['sandbox'],
  agents: ['sandbox', 'gateway'],
  checks: [],
  panel: ['checks', 'gateway'],
  decision: ['workspace'],
  verdicts: ['panel', 'checks'],
  journey: [
    'store',
    'queue',
    'gateway',
    'project',
    'sandbox',
    'workspace',
    'agents',
    'checks',
    'panel',
    'decision',
    'verdicts',
  ],
  http: [
    'store',
    'project',
    'sandbox',
    'checks',
    'panel',
    'workspace',
    'agents',
    'gateway',
    'decision',
    'verdicts',
    'journey',
    'queue',
  ],
}

/** What each package may import of the others. */
const packages: Record<string, string[]> = {
  protocol: [],
  scripted: [],
  agent: ['protocol'],
  refactor: ['protocol'],
  engine: ['protocol'],
  cli: ['protocol', 'engine'],
  web: ['protocol'],
  server: ['protocol', 'engine'],
}

function sources(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) return /^(node_modules|fixtures|dist|dev)$/.test(entry.name) ? [] : sources(path)
    return /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$|^test-|\.config\.ts$/.test(entry.name) ? [path] : []
  })
}

const importsOf = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name ?? '')

test('rooms of the server import only rooms before them', () => {
  const wrong: string[] = []
  for (const path of sources(join(root, 'server'))) {
    const room = relative(join(root, 'server'), path).split('/')[0] ?? ''
    if (!(room in mayImport)) continue
    for (const name of importsOf(path).filter((each) => each.startsWith('.'))) {
      const target = relative(join(root, 'server'), resolve(dirname(path), name)).split('/')[0] ?? ''
      // `config.ts` is a type to rooms that are handed it.
      if (target === room || target.endsWith('.ts')) continue
      if (!mayImport[room]?.includes(target)) wrong.push(`${relative(root, path)} imports ${name}`)
    }
  }
  expect(wrong).toEqual([])
})

test('packages import only the packages they may, and by name', () => {
  const wrong: string[] = []
  for (const [name, allowed] of Object.entries(packages)) {
    for (const path of sources(join(root, name))) {
      for (const target of importsOf(path)) {
        const other = /^@seatrial\/([a-z]+)/.exec(target)?.[1]
        const leaves =
          target.startsWith('.') && relative(join(root, name), resolve(dirname(path), target)).startsWith('..')
        if (leaves || (other && other !== name && !allowed.includes(other)))
          wrong.push(`${relative(root, path)} imports ${target}`)
      }
    }
  }
  expect(wrong).toEqual([])
})

test('only server/config.ts and the entry points read the environment of the server', () => {
  const readers = sources(join(root, 'server'))
    .filter((path) => /process\.env\b/.test(readFileSync(path, 'utf8')))
    .map((path) => relative(root, path))
  // An entry point hands the environment on; `config.ts` says what is in it.
  expect(readers.filter((path) => !['server/config.ts', 'server/main.ts'].includes(path))).toEqual([])
})
