// The page against CodeMirror's merge view on a 25,000-line diff of 500 files, a 10,000-line file, the size of the
// first load, and the inbox with 10,000 tasks against 100. Real Chromium, runs interleaved, medians.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Diff, FileDiff } from '@seatrial/protocol/diff'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { task, trial } from '../web/dev/example.ts'
import { fileDiff } from '../web/dev/patch-text.ts'
import { serveExample } from '../web/dev/serve.ts'

const rounds = Number(process.argv[2] ?? 5)
const web = join(import.meta.dirname, '../web')
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
const round = (value: number, digits = 0): string => value.toFixed(digits)

/** TypeScript that looks like somebody wrote it. */
const line = (index: number): string =>
  [
    `export function step${index}(input: Map<string, number>): number {`,
    `  const value = input.get('key-${index}') ?? ${index * 7}`,
    `  if (value > ${index}) return Math.max(value, ${index + 3}) // keep the larger one`,
    `  return value * 2 - ${index % 5}`,
    '}',
    '',
  ][index % 6]!

const textOf = (from: number, lines: number): string[] =>
  Array.from({ length: lines }, (_, index) => line(from + index))

/** Replaces runs of `run` lines every `every` lines. */
const changed = (lines: readonly string[], every: number, run: number): string[] =>
  lines.map((text, index) => (index % every < run && index >= every ? `${text} // changed ${index}` : text))

interface Sample {
  diff: Diff
  files: { path: string; before: string; after: string; rows: number }[]
}

/** Both sides written out and compared by git, as the house does. */
function sample(pairs: { path: string; before: string[]; after: string[] }[]): Sample {
  const dir = mkdtempSync(join(tmpdir(), 'bench-web-'))
  for (const { path, before, after } of pairs) {
    for (const [side, lines] of [
      ['a', before],
      ['b', after],
    ] as const) {
      mkdirSync(dirname(join(dir, side, path)), { recursive: true })
      writeFileSync(join(dir, side, path), `${lines.join('\n')}\n`)
    }
  }
  let patch = ''
  try {
    execFileSync('git', ['diff', '--no-index', '--no-color', '-U3', 'a', 'b'], { cwd: dir, maxBuffer: 1e9 })
  } catch (error) {
    patch = String((error as { stdout: Buffer }).stdout)
  }
  rmSync(dir, { recursive: true })
  const files: FileDiff[] = patch.split(/^(?=diff --git )/m).map((part) => {
    const path = /^\+\+\+ b\/b\/(.*)$/m.exec(part)?.[1] ?? /^\+\+\+ b\/(.*)$/m.exec(part)![1]!
    return fileDiff(path, part.slice(part.indexOf('\n@@ ') + 1))
  })
  const rows = (file: FileDiff) => file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0)
  const byPath = new Map(files.map((file) => [file.path, file]))
  return {
    diff: {
      from: '1'.repeat(40),
      to: '2'.repeat(40),
      files,
      added: files.reduce((sum, file) => sum + file.added, 0),
      removed: files.reduce((sum, file) => sum + file.removed, 0),
    },
    files: pairs.map(({ path, before, after }) => ({
      path,
      before: `${before.join('\n')}\n`,
      after: `${after.join('\n')}\n`,
      rows: byPath.has(path) ? rows(byPath.get(path)!) : 0,
    })),
  }
}

/** Asks through the debugger, which the page's security policy does not concern. */
async function until(page: Page, expression: string): Promise<void> {
  const end = Date.now() + 120_000
  while (!(await page.evaluate(expression))) {
    if (Date.now() > end) throw new Error(`Waited in vain for ${expression}`)
    await page.waitForTimeout(50)
  }
}

interface Run {
  paintMs: number
  colourMs: number
  cpuMs: number
  longestMs: number
  memoryMb: number
}

/** What counts as a row on screen and as colour, for either page. */
const looks = {
  house: {
    row: "document.querySelector('diffs-container')?.shadowRoot?.querySelector('[data-line]')",
    colour:
      "new Set([...(document.querySelector('diffs-container')?.shadowRoot?.querySelectorAll('[data-line] span[style]') ?? [])].map((span) => span.getAttribute('style'))).size > 3",
  },
  peer: { row: "document.querySelector('.cm-line')", colour: "document.querySelector('.cm-line span[class]')" },
}

async function measure(browser: Browser, side: keyof typeof looks, given: Sample, dist: string): Promise<Run> {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  let asked = () => {}
  const request = new Promise<void>((resolve) => {
    asked = resolve
  })
  const one = task('t-bench234', 'Bench', 'waiting', { trials: [trial('r-bench234', 't-bench234', 'refactor')] })
  const { url, server } = await serveExample({
    tasks: [one],
    diffs: { 'r-bench234': given.diff },
    dist,
    gate: () => {
      asked()
      return held
    },
    extra: { '/peer-data.json': JSON.stringify({ files: given.files }) },
  })
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } })
  const page = await context.newPage()
  const { row, colour } = looks[side]
  await page.addInitScript(`
    globalThis.marks = { longest: 0 };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (marks.from !== undefined && entry.startTime + entry.duration > marks.from)
        marks.longest = Math.max(marks.longest, entry.duration);
    }).observe({ type: 'longtask' });
    const watch = () => {
      const data = performance.getEntriesByType('resource').find((entry) => /\\/diff\\?|peer-data/.test(entry.name) && entry.responseEnd > 0);
      if (data && marks.from === undefined) marks.from = data.responseEnd;
      if (marks.from !== undefined && !marks.paint && (${row})) marks.paint = performance.now() - marks.from;
      if (marks.from !== undefined && !marks.colour && (${colour})) marks.colour = performance.now() - marks.from;
      if (!marks.paint || !marks.colour) requestAnimationFrame(watch);
    };
    requestAnimationFrame(watch);`)
  await page.goto(side === 'house' ? `${url}/tasks/t-bench234/review` : `${url}/`)
  await request
  await page.waitForTimeout(1500)
  const cdp = await context.newCDPSession(page)
  await cdp.send('Performance.enable')
  const busy = async () => {
    const { metrics } = await cdp.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000
  }
  const before = await busy()
  release()
  await until(page, 'Boolean(marks.paint && marks.colour)')
  // Settled: less than 20 ms of work in half a second.
  for (let last = await busy(); ; ) {
    await page.waitForTimeout(500)
    const now = await busy()
    if (now - last < 20) break
    last = now
  }
  const cpuMs = (await busy()) - before
  const marks = (await page.evaluate('marks')) as { paint: number; colour: number; longest: number }
  const memoryMb = await rendererMb(browser)
  await context.close()
  server.close()
  server.closeAllConnections()
  return { paintMs: marks.paint, colourMs: marks.colour, cpuMs, longestMs: marks.longest, memoryMb }
}

/** Proportional memory of the busiest renderer. */
async function rendererMb(browser: Browser): Promise<number> {
  const cdp = await browser.newBrowserCDPSession()
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo')
  await cdp.detach()
  const sizes = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => {
      try {
        return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024
      } catch {
        return 0
      }
    })
  return Math.max(0, ...sizes)
}

async function inboxPaint(browser: Browser, count: number): Promise<number> {
  const tasks = Array.from({ length: count }, (_, index) =>
    task(`t-${String(index).padStart(8, '2')}`, `Task ${index}`, 'waiting', {
      trials: [trial(`r-${String(index).padStart(8, '2')}`, 't', 'refactor')],
    }),
  )
  const { url, server } = await serveExample({ tasks })
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
  await page.addInitScript(`
    const watch = () => document.querySelector('[role=option]') ? (globalThis.painted = performance.now()) : requestAnimationFrame(watch);
    requestAnimationFrame(watch);`)
  await page.goto(url)
  await until(page, 'Boolean(globalThis.painted)')
  const painted = (await page.evaluate('painted')) as number
  await page.close()
  server.close()
  server.closeAllConnections()
  return painted
}

/** Everything the inbox loads before it can be used: page, script, style and fonts, as the house sends them. */
function firstLoadKb(): { brotli: number; gzip: number; fonts: number } {
  const dist = join(web, 'dist')
  const html = readFileSync(join(dist, 'index.html'), 'utf8')
  const named = [...html.matchAll(/"\/(assets\/[^"]+)"/g)].map(([, name]) => name!)
  const fonts = readdirSync(join(dist, 'assets')).filter((name) => name.endsWith('.woff2'))
  const kb = (names: readonly string[], size: (path: string) => number) =>
    names.reduce((sum, name) => sum + size(join(dist, name)), 0) / 1000
  const first = ['index.html', ...new Set(named.filter((name) => /\.(js|css)$/.test(name)))]
  return {
    brotli: kb(first, (path) => statSync(`${path}.br`).size),
    gzip: kb(first, (path) => gzipSync(readFileSync(path)).length),
    fonts: kb(fonts, (name) => statSync(name.replace(dist, join(dist, 'assets'))).size),
  }
}

const many = sample(
  Array.from({ length: 500 }, (_, index) => {
    const before = textOf(index * 31, 90)
    return { path: `src/part-${index % 20}/file-${index}.ts`, before, after: changed(before, 20, 4) }
  }),
)
const longLines = textOf(0, 10_000)
const long = sample([{ path: 'src/long.ts', before: longLines, after: changed(longLines, 7, 1) }])

await build({ root: web, logLevel: 'error' })
const peerDist = mkdtempSync(join(tmpdir(), 'bench-peer-'))
await build({
  root: join(import.meta.dirname, 'web-peer'),
  configFile: false,
  logLevel: 'error',
  build: { outDir: peerDist, emptyOutDir: true, target: 'es2023' },
})

const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] })
const rows = (given: Sample) => given.files.reduce((sum, file) => sum + file.rows, 0)
for (const [title, given] of [
  [`${many.diff.files.length} files, ${rows(many)} rows`, many],
  [`one file of 10,000 lines, ${rows(long)} rows`, long],
] as const) {
  const runs = { house: [] as Run[], peer: [] as Run[] }
  for (let at = 0; at < rounds; at++) {
    runs.house.push(await measure(browser, 'house', given, join(web, 'dist')))
    runs.peer.push(await measure(browser, 'peer', given, peerDist))
  }
  const of = (side: keyof typeof looks, key: keyof Run) => median(runs[side].map((run) => run[key]))
  console.log(`\n${title} (medians of ${rounds}; house / CodeMirror = ratio)`)
  for (const [key, unit] of [
    ['paintMs', 'ms'],
    ['cpuMs', 'ms'],
    ['longestMs', 'ms'],
    ['memoryMb', 'MB'],
  ] as const) {
    const [house, peer] = [of('house', key), of('peer', key)]
    console.log(
      `  ${key.padEnd(10)} ${round(house).padStart(6)} ${unit} / ${round(peer).padStart(6)} ${unit} = ${round(house / peer, 2)}`,
    )
  }
  const colour = median(runs.house.map((run) => run.colourMs / run.paintMs))
  console.log(`  colour / plain paint of the house = ${round(colour, 2)}`)
}
const paints = { many: [] as number[], few: [] as number[] }
for (let at = 0; at < rounds * 2; at++) {
  paints.many.push(await inboxPaint(browser, 10_000))
  paints.few.push(await inboxPaint(browser, 100))
}
await browser.close()
rmSync(peerDist, { recursive: true })
console.log(
  `\ninbox: 10,000 tasks ${round(median(paints.many))} ms / 100 tasks ${round(median(paints.few))} ms = ${round(median(paints.many) / median(paints.few), 2)}`,
)
const load = firstLoadKb()
for (const way of ['brotli', 'gzip'] as const) {
  console.log(
    `first load of the inbox, ${way}: ${round(load[way])} kB of code + ${round(load.fonts)} kB of fonts = ${round(load[way] + load.fonts)} kB`,
  )
}
