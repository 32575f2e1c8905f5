// What verdicts cost: a decision among few and many runs, counting anew, ratings against one pass, a page against health.
// Run with `node bench/verdicts.ts`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunFacts } from '@seatrial/protocol'
import { readConfig } from '../server/config.ts'
import { openHouse } from '../server/house.ts'
import { pagesChanged } from '../server/journey/verdicts/changed.ts'
import { judgeTasks } from '../server/verdicts/judge-tasks.ts'
import { uncalibrated } from '../server/verdicts/panel-share.ts'
import { type Pairing, rate } from '../server/verdicts/statistics/bradley-terry.ts'
import { compareRuns, noTally, withCell } from '../server/verdicts/tally.ts'

const median = (values: number[]): number => values.toSorted((x, y) => x - y)[Math.floor(values.length / 2)]!
const timed = (work: () => unknown): number => {
  const began = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1000
}
let state = 7
const random = (): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}

const contenders = 20
const factsOf = (): RunFacts => ({
  status: 'offered',
  kept: random() < 0.6 ? 1 : 0,
  gates: true,
  chosen: null,
  costMicros: Math.floor(random() * 1e6),
  reviews: [{ stance: 'builder', vote: 'ship', pShip: 0.7 }],
})

/** All pairs of twenty contenders over so many runs. */
function world(runs: number) {
  const tasks = runs / contenders
  const facts = Array.from({ length: tasks }, () => Array.from({ length: contenders }, factsOf))
  const count = () => {
    const tallies = new Map<string, ReturnType<typeof noTally>>()
    for (let a = 0; a < contenders; a++)
      for (let b = a + 1; b < contenders; b++) {
        let tally = noTally()
        for (const [t, row] of facts.entries()) tally = withCell(tally, `t-${t}`, compareRuns([row[a]!], [row[b]!])!, 1)
        tallies.set(`${a}-${b}`, tally)
      }
    return tallies
  }
  return { facts, count, tallies: count() }
}

/** One decision: the contender's cells of one task in its nineteen comparisons, and their verdicts. */
function decide({ facts, tallies }: ReturnType<typeof world>): void {
  const row = facts[0]!
  const before = row[0]!
  const now: RunFacts = { ...before, kept: before.kept === 1 ? 0 : 1 }
  for (let b = 1; b < contenders; b++) {
    const old = compareRuns([before], [row[b]!])!
    const cell = compareRuns([now], [row[b]!])!
    const tally = withCell(withCell(tallies.get(`0-${b}`)!, 't-0', old, -1), 't-0', cell, 1)
    tallies.set(`0-${b}`, tally)
    judgeTasks({ kind: 'contenders', formula: 'v1', tally, calibrations: uncalibrated })
  }
  row[0] = now
}

const small = world(100)
const large = world(10_000)
for (let i = 0; i < 20; i++) {
  decide(small)
  decide(large)
}
const decisions = Array.from({ length: 41 }, () => [timed(() => decide(small)), timed(() => decide(large))] as const)
const atSmall = median(decisions.map(([x]) => x))
const atLarge = median(decisions.map(([, y]) => y))
console.log(
  `decision: ${atSmall.toFixed(2)} ms CPU at 100 runs, ${atLarge.toFixed(2)} ms at 10,000 runs: ${(atLarge / atSmall).toFixed(2)}x`,
)

const quarter = world(2_500)
const anew = Array.from({ length: 3 }, () => [timed(quarter.count), timed(large.count)] as const)
const [atQuarter, atWhole] = [median(anew.map(([x]) => x)), median(anew.map(([, y]) => y))]
console.log(
  `from scratch: ${atQuarter.toFixed(0)} ms at 2,500 runs, ${atWhole.toFixed(0)} ms at 10,000: ${(atWhole / atQuarter).toFixed(2)}x for 4x the runs`,
)

interface Row {
  a: string
  b: string
  score: number
  taskId: string
}
const rows: Row[] = Array.from({ length: 100_000 }, (_, i) => {
  const a = Math.floor(random() * 50)
  const b = (a + 1 + Math.floor(random() * 49)) % 50
  return { a: `c-${a}`, b: `c-${b}`, score: random() < 0.5 + (b - a) / 200 ? 1 : 0, taskId: `t-${i % 2000}` }
})
const indexOf = (map: Map<string, number>, key: string): number => {
  const found = map.get(key) ?? map.size
  map.set(key, found)
  return found
}
/** One pass over the rows: who won how often, on how many tasks. */
const pass = (): Pairing[] => {
  const [names, tasks] = [new Map<string, number>(), new Map<string, number>()]
  return rows.map(({ a, b, score, taskId }) => ({
    a: indexOf(names, a),
    b: indexOf(names, b),
    score,
    task: indexOf(tasks, taskId),
  }))
}
const rounds = Array.from({ length: 15 }, () => [timed(pass), timed(() => rate(50, pass()))] as const).slice(4)
const [onePass, rated] = [median(rounds.map(([x]) => x)), median(rounds.map(([, y]) => y))]
console.log(
  `ratings of 50 over 100,000 pairings: ${rated.toFixed(1)} ms, one pass ${onePass.toFixed(1)} ms: ${(rated / onePass).toFixed(2)}x`,
)

const dataDir = mkdtempSync(join(tmpdir(), 'bench-verdicts-'))
const house = await openHouse(
  readConfig(
    { PATH: process.env.PATH, SEATRIAL_HOME: dataDir, SEATRIAL_PORT: '0', SEATRIAL_WORKERS: '0' },
    '0.0.0-bench',
  ),
)
try {
  const signedIn = await fetch(`${house.url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: house.token }),
  })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const get = async (path: string, options: { headers?: Record<string, string>; before?: () => void } = {}) => {
    const began = process.cpuUsage()
    for (let i = 0; i < 20; i++) {
      options.before?.()
      const reply = await fetch(house.url + path, { headers: options.headers ?? {} })
      if (!reply.ok) throw new Error(`${path} answered ${reply.status}`)
      await reply.arrayBuffer()
    }
    const { user, system } = process.cpuUsage(began)
    return (user + system) / 20_000
  }
  const page = '/compare/cursor-background-agent-vs-mistral-small-3-1'
  type Rows = Record<string, () => Promise<number>>
  const asked: Rows = {
    'health check': () => get('/health'),
    'page for a stranger': () => get(page),
    'page for a person': () => get(page, { headers: { cookie } }),
  }
  // By itself, or it would drop what the rows before it read again.
  const anew: Rows = {
    'health check': () => get('/health'),
    'page made anew for a stranger': () => get(page, { before: pagesChanged }),
    'page and session asked anew for a person': () => get(page, { headers: { cookie }, before: pagesChanged }),
  }
  for (const rows of [asked, anew]) {
    const seen = new Map<string, number[]>(Object.keys(rows).map((name) => [name, []]))
    for (let round = 0; round < 11; round++)
      for (const [name, ask] of Object.entries(rows)) seen.get(name)?.push(await ask())
    const of = (name: string): number => median((seen.get(name) ?? []).slice(2))
    for (const name of seen.keys())
      console.log(
        `${name}: ${of(name).toFixed(2)} ms CPU (client included): ${(of(name) / of('health check')).toFixed(2)}x`,
      )
  }
} finally {
  await house.stop()
  rmSync(dataDir, { recursive: true, force: true })
}
