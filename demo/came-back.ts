// What came back, for a terminal: each task with its candidates, the panel's word on them, and the two contenders compared.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ComparisonView, Trial } from '@seatrial/protocol'
import type { Client } from '@seatrial/protocol/client'
import pc from 'picocolors'
import { createContext } from '../cli/context.ts'
import { oneLine, table, trialLine } from '../cli/format.ts'

const { color } = createContext({})
const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Prints one task; false when nothing came back that waits for a person. */
export async function tellTask(client: Client, id: string): Promise<boolean> {
  const task = await client.getTask({ params: { id } })
  say(`\n${pc.cyan(id)}  ${pc.bold(task.title)}`)
  if (task.state !== 'waiting') say(pc.red(`${task.state}: ${task.note ?? ''}`))
  else say(oneLine(task.selection?.sentence ?? task.note ?? '', 160))
  for (const trial of task.trials) {
    say(`  ${table([trialLine(trial, color).filter(Boolean)])}`)
    if (trial.state === 'ready') await tellCandidate(client, id, trial)
  }
  return task.state === 'waiting'
}

async function tellCandidate(client: Client, id: string, trial: Trial): Promise<void> {
  const query = { trial: trial.id }
  const { signals } = await client.getEvidence({ params: { id }, query })
  const tests = signals.find((signal) => signal.kind === 'tests')
  const panel = await client.getPanel({ params: { id }, query })
  const votes = `${panel.ship} ship, ${panel.skip} skip, ${panel.abstain} abstain`
  say(`    panel: ${panel.vetoes.length > 0 ? pc.red(`${votes}; a gate is broken`) : pc.green(votes)}`)
  for (const { stance, vote, text } of panel.reviews)
    if (vote === 'skip') say(pc.red(`    ✗ ${stance} skips: ${oneLine(text, 140)}`))
  if (tests && panel.vetoes.length === 0) say(`    ${oneLine(tests.sentence, 150)}`)
}

/** The two contenders side by side, once all shared tasks are counted; verdicts follow the event log by a moment. */
export async function tellComparison(client: Client, [a, b]: [string, string], tasks: number): Promise<ComparisonView> {
  const deadline = performance.now() + 30_000
  let view = await client.compare({ body: { a, b } })
  while (view.grid.length < tasks && performance.now() < deadline) {
    await sleep(200)
    view = await client.getComparison({ params: { slug: view.slug } })
  }
  say(`\n${pc.bold(`${view.a.name} or ${view.b.name}`)}  ${pc.yellow(view.words)}`)
  say(view.sentence)
  say(table(view.grid.map((row) => [`  ${oneLine(row.title, 40)}`, row.a.word, row.b.word])))
  return view
}
