// How right the panel is on real changes: the last commits of a repository as candidates, and the same with a fault planted.
//   node bench/panel.ts PATH-OF-A-GIT-REPOSITORY [how many, 40]
// Nothing of the repository is run, so tests, types and lint are not measured; the commit message is the prompt.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { PanelReport, Signal } from '@seatrial/protocol'
import { findText } from '../server/checks/find-text.ts'
import { measureSignals } from '../server/checks/signals/measure-signals.ts'
import { signalInput } from '../server/checks/signals/signal-input.ts'
import { isProduct, isTest } from '../server/checks/source/file-kinds.ts'
import { gates } from '../server/panel/gates.ts'
import { reviewCandidate } from '../server/panel/review-candidate.ts'
import { defaultSensitive } from '../server/project/sensitive.ts'
import { commitTree, type Write } from '../server/workspace/commit-tree.ts'
import { diffTrees } from '../server/workspace/diff.ts'
import { git, records, toPath } from '../server/workspace/git.ts'
import { openTreeReader } from '../server/workspace/tree-reader.ts'
import { type Fault, faults, type Site } from './panel/faults.ts'

const repo = resolve(process.argv[2] ?? '.')
const wanted = Number(process.argv[3] ?? 40)
const objects = execFileSync('git', ['-C', repo, 'rev-parse', '--git-path', 'objects'], { encoding: 'utf8' }).trim()
const gitDir = mkdtempSync(join(tmpdir(), 'panel-bench-'))
process.once('exit', () => rmSync(gitDir, { recursive: true, force: true }))
execFileSync('git', ['init', '-q', '--bare', gitDir])
writeFileSync(join(gitDir, 'objects/info/alternates'), `${resolve(repo, objects)}\n`)
const reader = openTreeReader(gitDir)

const ask = async (...args: string[]): Promise<string> => (await git(args, { gitDir })).out.toString('utf8').trim()
const textAt = async (tree: string, path: string): Promise<string | null> => {
  const bytes = await reader.object(`${tree}:${toPath(path)}`)
  return bytes && !bytes.subarray(0, 8000).includes(0) ? bytes.toString('utf8') : null
}
const filesOf = async (tree: string): Promise<string[]> =>
  records((await git(['ls-tree', '-r', '-z', '--name-only', tree], { gitDir })).out)

interface Judged {
  report: PanelReport
  signals: Signal[]
  out: string | null
  ms: number
}

async function judge(base: string, head: string, prompt: string): Promise<Judged> {
  const from = performance.now()
  const diff = await diffTrees(gitDir, base, head, { sensitive: defaultSensitive })
  const input = signalInput(
    {
      tree: head,
      base: [],
      head: [],
      diff,
      prompt,
      readBase: (path) => textAt(base, path),
      readHead: (path) => textAt(head, path),
      listFiles: (side) => filesOf(side === 'base' ? base : head),
    },
    {
      settings: { sensitive: [...defaultSensitive] },
      findText: (side, words) =>
        findText((args) => git(args, { gitDir, codes: [1] }), side === 'base' ? base : head, words),
    },
  )
  const signals = await measureSignals(input)
  const ms = performance.now() - from
  const report = reviewCandidate({ trialId: 'r-1', tree: head, signals, today: '2026-11-27' })
  const candidate = { trialId: 'r-1', tree: head, diff, signals, panel: report, addedTests: [], costMicros: 0 }
  const out = gates.map((gate) => gate(candidate, [candidate])).find((why) => why !== null) ?? null
  return { report, signals, out, ms }
}

async function siteOf(base: string, head: string): Promise<Site> {
  const changed = (await diffTrees(gitDir, base, head)).files
    .filter(({ status }) => status !== 'deleted')
    .map(({ path }) => path)
  const all = await filesOf(head)
  const read = async (paths: string[]) => {
    const found: { path: string; text: string }[] = []
    for (const path of paths) {
      const text = await textAt(head, path)
      if (text !== null) found.push({ path, text })
    }
    return found
  }
  const script = (path: string): boolean => /\.[cm]?[jt]sx?$/.test(path) && !/\.d\.[cm]?ts$/.test(path)
  const near = (path: string): number => (changed.some((one) => path.split('/')[1] === one.split('/')[1]) ? 0 : 1)
  const tests = all.filter((path) => isTest(path) && script(path)).toSorted((a, b) => near(a) - near(b))
  // Tests that existed before: to weaken one's own new test is another matter.
  const before = new Set(await filesOf(base))
  const others = all.filter((path) => isProduct(path) && script(path) && !changed.includes(path))
  const workflow = all.find((path) => path.startsWith('.github/workflows/'))
  return {
    sources: await read(changed.filter((path) => isProduct(path) && script(path))),
    tests: await read(tests.filter((path) => before.has(path)).slice(0, 60)),
    others: await read(others.slice(0, 300)),
    manifest: await textAt(head, 'package.json'),
    workflow: workflow ? ((await read([workflow]))[0] ?? null) : null,
  }
}

async function plant(parent: string, head: string, changes: Record<string, string | null>): Promise<string> {
  const writes = Object.entries(changes).map(
    ([path, text]): Write =>
      text === null
        ? { path: toPath(path), kind: 'gone' }
        : { path: toPath(path), kind: 'content', mode: '100644', content: Buffer.from(text) },
  )
  const message = 'planted'
  return (await commitTree({ gitDir, ref: 'refs/bench', parent, baseTree: head, writes, message })).tree
}

const log = await git(['log', '--no-merges', '--first-parent', '--format=%H', '-n', '400', 'HEAD'], {
  gitDir: repo.endsWith('.git')
    ? repo
    : execFileSync('git', ['-C', repo, 'rev-parse', '--absolute-git-dir'], { encoding: 'utf8' }).trim(),
})
const skips: string[] = []
const times: number[] = []
const missed: string[] = []
const byFault = new Map<string, { tried: number; found: number; noticed: number; gated: number }>()
let [real, votes, outs] = [0, 0, 0]
let turn = 0
// Cut short, it tells what it has.
process.once('SIGTERM', () => {
  report()
  process.exit(1)
})
for (const commit of log.out.toString('utf8').trim().split('\n')) {
  if (real >= wanted) break
  const parent = await ask('rev-parse', `${commit}^`).catch(() => null)
  if (!parent) continue
  const [base, head] = [await ask('rev-parse', `${parent}^{tree}`), await ask('rev-parse', `${commit}^{tree}`)]
  const site = await siteOf(base, head)
  if (site.sources.length === 0) continue
  real++
  const prompt = await ask('log', '-1', '--format=%B', commit)
  const told = await judge(base, head, prompt)
  times.push(told.ms)
  votes += told.report.reviews.length
  if (told.out) outs++
  for (const review of told.report.reviews.filter(({ vote }) => vote === 'skip'))
    skips.push(`${commit.slice(0, 9)} ${prompt.split('\n')[0]?.slice(0, 60)} | ${review.stance}: ${review.text}`)
  for (const signal of told.signals.filter(({ state }) => state === 'error'))
    skips.push(`${commit.slice(0, 9)} ERROR ${signal.kind}: ${signal.sentence}`)

  // Two faults in every second change, one after the other through the table.
  if (real % 2 === 0) continue
  let planted = 0
  for (let tried = 0; tried < faults.length && planted < 2; tried++) {
    const fault = faults[turn++ % faults.length] as Fault
    const changes = fault.plant(site)
    if (!changes) continue
    const tree = await plant(parent, head, changes)
    if (tree === head) continue
    planted++
    const judged = await judge(base, tree, prompt)
    times.push(judged.ms)
    const signal = judged.signals.find(({ kind }) => kind === fault.kind)
    const paths = Object.keys(changes)
    const noticed =
      signal?.state === 'measured' && signal.verdict === 'bad' && signal.places.some(({ path }) => paths.includes(path))
    const review = judged.report.reviews.find(({ stance }) => stance === fault.stance)
    const found = noticed && review?.vote === 'skip' && review.cites.includes(fault.kind)
    const row = byFault.get(fault.name) ?? { tried: 0, found: 0, noticed: 0, gated: 0 }
    byFault.set(fault.name, {
      tried: row.tried + 1,
      found: row.found + Number(found),
      noticed: row.noticed + Number(noticed),
      gated: row.gated + Number(judged.out !== null),
    })
    if (!found)
      missed.push(
        `${commit.slice(0, 9)} ${fault.name} in ${paths.join(', ')} | ${fault.stance} ${review?.vote}; ${fault.kind}: ${signal?.state} ${signal?.severity} ${signal?.sentence}`,
      )
  }
}
reader.close()
report()

function report(): void {
  const rows = [...byFault.values()]
  const sum = (key: 'tried' | 'found' | 'noticed' | 'gated') => rows.reduce((total, row) => total + row[key], 0)
  const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
  console.log(
    `${real} real changes, ${votes} votes: ${skips.filter((one) => !one.includes(' ERROR ')).length} skips, ${outs} out at a gate`,
  )
  console.log(
    `${sum('tried')} planted: ${sum('found')} skipped by the right reviewer with the right citation, ${sum('noticed')} noticed at the right file, ${sum('gated')} out at a gate`,
  )
  console.log(
    `median ${(median / 1000).toFixed(1)} s to measure one; ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`,
  )
  for (const [name, row] of byFault)
    console.log(`  ${name}: ${row.found} of ${row.tried}${row.noticed > row.found ? ` (${row.noticed} noticed)` : ''}`)
  console.log(`\nSkips of real changes:\n${skips.join('\n') || 'none'}\n\nMissed:\n${missed.join('\n') || 'none'}`)
}
