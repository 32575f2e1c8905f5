// What a sandbox costs: a command inside against a bare spawn of the same, interleaved in one run; and how long it
// takes to end a whole tree of processes, daemons included. Run by `node bench/sandbox.ts`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { markedProcesses, processMark } from '../server/sandbox/marked-processes.ts'
import { makeTrial } from '../server/sandbox/test-trial.ts'

const rounds = 101
const command: [string, ...string[]] = ['/bin/true']

const quantile = (values: number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN
const median = (values: number[]): number => quantile(values, 0.5)

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

await using trial = makeTrial()
const opening: number[] = []
for (let i = 0; i < 7; i++) {
  const started = performance.now()
  const opened = await trial.open()
  opening.push(performance.now() - started)
  await opened.close()
}
const sandbox = await trial.open({ limits: { memoryMb: 1024, cpus: 2, pids: 512, diskMb: 64 } })

/** CPU time of all children that have ended, in ms; the kernel counts in steps of 10. */
const childCpuMs = (): number => {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) * 10
}

/** A launch that fails is fast, and would look like a good figure. */
async function runInside(): Promise<void> {
  const { code } = await (await sandbox.spawn(command)).exited
  if (code !== 0) throw new Error(`The sandboxed command ended with ${code}`)
}

const bare: number[] = []
const inside: number[] = []
for (let i = 0; i < rounds; i++) {
  bare.push(await timed(() => once(spawn(command[0], command.slice(1), { stdio: 'pipe' }), 'exit')))
  inside.push(await timed(runInside))
}
const ratio = median(inside) / median(bare)
const cpu = { bare: 0, inside: 0 }
for (const [kind, start] of [
  ['bare', () => once(spawn(command[0], command.slice(1), { stdio: 'pipe' }), 'exit')],
  ['inside', runInside],
] as const) {
  const before = childCpuMs()
  for (let i = 0; i < rounds; i++) await start()
  cpu[kind] = (childCpuMs() - before) / rounds
}
console.log(`level ${sandbox.policy.level}, ${rounds} interleaved rounds of ${command[0]}, medians`)
console.log(`open a sandbox         ${median(opening).toFixed(1)} ms (once per trial)`)
console.log(`bare spawn             ${median(bare).toFixed(2)} ms`)
console.log(`sandboxed command      ${median(inside).toFixed(2)} ms`)
const fast = { bare: quantile(bare, 0.1), inside: quantile(inside, 0.1) }
console.log(
  `fastest tenth          ${fast.bare.toFixed(2)} ms bare, ${fast.inside.toFixed(2)} ms inside: ${(fast.inside / fast.bare).toFixed(2)}`,
)
console.log(`CPU of the children    ${cpu.bare.toFixed(1)} ms bare, ${cpu.inside.toFixed(1)} ms inside`)
console.log(`ratio                  ${ratio.toFixed(2)} (target: at most 5)`)

const tree =
  'for i in $(seq 1 20); do (setsid sh -c "(sleep 600 &); sleep 600" >/dev/null 2>&1 &); done; sleep 0.2; echo up; sleep 600'
const kills: number[] = []
let survivors = 0
let processes = 0
for (let i = 0; i < 7; i++) {
  const mark = processMark('BENCH_MARK')
  const started = await sandbox.spawn(['/bin/sh', '-c', tree], { env: mark.env })
  await Promise.race([once(started.stdout, 'data'), started.exited.then(() => Promise.reject(new Error('no tree')))])
  processes = markedProcesses(mark.text).length
  kills.push(await timed(() => started.kill()))
  survivors += markedProcesses(mark.text).length
}
console.log(
  `kill a tree            ${median(kills).toFixed(1)} ms median, ${Math.max(...kills).toFixed(1)} ms at worst, of ${processes} processes (target: at most 250 ms)`,
)
console.log(`survivors              ${survivors} (target: 0)`)
await sandbox.close()
process.exitCode = ratio <= 5 && Math.max(...kills) <= 250 && survivors === 0 ? 0 : 1
