// A rename over every package of a monorepo, and a move: ours on TypeScript 7 against tsserver, in one run.
// node bench/refactor.ts [REPO SYMBOL NEWNAME FILE NEWFILE] ; without arguments a monorepo is generated.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

type Target = { repo: string; symbol: string; to: string; file: string; newFile: string }
type Cost = { wallMs: number; cpuMs: number; answer: string }

const rounds = 3
const home = dirname(dirname(fileURLToPath(import.meta.url)))
const cli = join(home, 'refactor/cli.ts')
const bare = fileURLToPath(new URL('./refactor-bare.ts', import.meta.url))

const whole = (engine: string, command: string[]): string[] => [
  cli,
  ...command,
  '--dry-run',
  '--json',
  '--engine',
  engine,
]

/**
 * Like with like: the bare answer of each server, and the whole command on each, which also finds the symbol, checks for
 * collisions, diagnoses before and after and lists leftovers. Everything is compared with tsserver's bare answer.
 */
const contestants: Record<string, Record<string, (target: Target) => string[]>> = {
  rename: {
    'tsserver, bare': ({ repo, symbol, to, file }) => [bare, 'tsserver', 'rename', repo, file, symbol, to],
    'TypeScript 7, bare': ({ repo, symbol, to, file }) => [bare, 'ts7', 'rename', repo, file, symbol, to],
    'whole command': ({ repo, symbol, to }) => whole('ts7', ['rename', symbol, to, '--root', repo]),
    'whole on tsserver': ({ repo, symbol, to }) => whole('tsserver', ['rename', symbol, to, '--root', repo]),
  },
  move: {
    'tsserver, bare': ({ repo, symbol, file, newFile }) => [bare, 'tsserver', 'move', repo, file, symbol, newFile],
    'whole command': ({ repo, file, newFile }) => whole('ts7', ['move', file, newFile, '--root', repo]),
  },
}

function measure(argv: string[]): Cost {
  const script = `TIMEFORMAT='%R %U %S'; time "$@"`
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script, 'bench', process.execPath, ...argv], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(`${argv.join(' ')} failed: ${stderr}`)
  const [wall, user, system] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number)
  const { files, edits } = JSON.parse(stdout) as { files: unknown[]; edits: number }
  return { wallMs: wall! * 1000, cpuMs: (user! + system!) * 1000, answer: `${edits} edits in ${files.length} files` }
}

/** Packages in a row, each with a project of its own, all using one class of the first. */
function generate(): Target & { close(): void } {
  const repo = mkdtempSync(join(tmpdir(), 'bench-refactor-'))
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(repo, file)), { recursive: true })
    writeFileSync(join(repo, file), text)
  }
  const packages = 12
  const filesEach = 50
  write('package.json', JSON.stringify({ name: 'generated', private: true, workspaces: ['packages/*'] }))
  write('.gitignore', 'node_modules\ndist\n')
  mkdirSync(join(repo, 'node_modules/@g'), { recursive: true })
  for (let p = 0; p < packages; p++) {
    const folder = `packages/p${p}`
    symlinkSync(`../../${folder}`, join(repo, 'node_modules/@g', `p${p}`))
    write(
      `${folder}/package.json`,
      JSON.stringify({
        name: `@g/p${p}`,
        version: '1.0.0',
        type: 'module',
        exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
      }),
    )
    const compilerOptions = {
      target: 'es2022',
      module: 'nodenext',
      moduleResolution: 'nodenext',
      strict: true,
      composite: true,
      types: [],
      skipLibCheck: true,
      rootDir: 'src',
      outDir: 'dist',
    }
    write(
      `${folder}/tsconfig.json`,
      JSON.stringify({ compilerOptions, include: ['src'], references: p > 0 ? [{ path: '../p0' }] : [] }),
    )
    const exported = Array.from({ length: filesEach }, (_, i) => `export * from './part${i}.js'`)
    write(`${folder}/src/index.ts`, `${p === 0 ? "export * from './ledger.js'\n" : ''}${exported.join('\n')}\n`)
    for (let i = 0; i < filesEach; i++) {
      const from = p === 0 ? './ledger.js' : '@g/p0'
      const uses = i % 4 === 0
      const body = Array.from(
        { length: 20 },
        (_, k) =>
          `export function f${p}_${i}_${k}(ledger: ${uses ? 'Ledger' : 'Sum'}): number {\n  return ledger.total + ${k}\n}`,
      )
      write(
        `${folder}/src/part${i}.ts`,
        `${uses ? `import { Ledger } from '${from}'\n` : 'type Sum = { total: number }\n'}${body.join('\n')}\n${uses ? `export const make${p}_${i} = (): Ledger => new Ledger()\n` : ''}`,
      )
    }
  }
  write('packages/p0/src/ledger.ts', 'export class Ledger {\n  total = 0\n}\n')
  spawnSync('git', ['init', '-q'], { cwd: repo })
  const close = (): void => rmSync(repo, { recursive: true, force: true })
  return {
    repo,
    symbol: 'packages/p0/src/ledger.ts#Ledger',
    to: 'Account',
    file: 'packages/p0/src/ledger.ts',
    newFile: 'packages/p0/src/money/ledger.ts',
    close,
  }
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

function run(target: Target): void {
  for (const [task, entries] of Object.entries(contestants)) {
    const costs = new Map<string, Cost[]>(Object.keys(entries).map((name) => [name, []]))
    for (let round = 0; round < rounds; round++)
      for (const [name, argv] of Object.entries(entries)) costs.get(name)!.push(measure(argv(target)))
    const peer = costs.get('tsserver, bare')!
    for (const [name, list] of costs) {
      const wall = median(list.map((one) => one.wallMs))
      const cpu = median(list.map((one) => one.cpuMs))
      const ratio = `wall ${(wall / median(peer.map((one) => one.wallMs))).toFixed(2)}x, CPU ${(cpu / median(peer.map((one) => one.cpuMs))).toFixed(2)}x of tsserver`
      console.log(
        `${task.padEnd(7)} ${name.padEnd(18)} ${Math.round(wall)} ms wall, ${Math.round(cpu)} ms CPU, ${list[0]!.answer}; ${ratio}`,
      )
    }
  }
}

const [repo, symbol, to, file, newFile] = process.argv.slice(2)
if (repo && symbol && to && file && newFile) {
  run({ repo, symbol, to, file, newFile })
} else {
  const generated = generate()
  try {
    run(generated)
  } finally {
    generated.close()
  }
}
