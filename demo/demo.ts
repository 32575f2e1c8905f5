// The main job on a sample monorepo: three background tasks side by side, then what they came back with.
// Everything is real but the model of the third task, which is scripted and says so. Leaves a house running to look at.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HouseEvent } from '@seatrial/protocol'
import type { TaskView } from '@seatrial/protocol/api'
import { createClient } from '@seatrial/protocol/client'
import { startScriptedModel } from '@seatrial/scripted/model'
import { execa } from 'execa'
import pc from 'picocolors'
import { createContext } from '../cli/context.ts'
import { oneLine, table, trialLine } from '../cli/format.ts'
import { findHouse, startHouse, stopHouse } from '../cli/house-process.ts'
import { tellEvent } from '../cli/tell-event.ts'
import script from './model.json' with { type: 'json' }

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)
const place = join(root, '.demo')
const home = join(place, 'house')
const project = join(place, 'corner-shop')
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const running = await findHouse(home)
if (running) await stopHouse(running, home)
rmSync(place, { recursive: true, force: true })
mkdirSync(home, { recursive: true })

say(pc.bold('Seatrial demo'))
say(`A sample monorepo (ES modules, CommonJS, project references, one red test) in ${relative(process.cwd(), project)}`)
cpSync(join(here, 'sample'), project, { recursive: true })
const git = (...args: string[]) =>
  execa('git', ['-c', 'user.name=You', '-c', 'user.email=you@localhost', ...args], { cwd: project })
await git('init', '-q', '-b', 'main')
await git('add', '-A')
await git('commit', '-qm', 'A shop that leaves a line out')

const model = await startScriptedModel({ script: script as Parameters<typeof startScriptedModel>[0]['script'] })
writeFileSync(
  join(home, 'house.toml'),
  `[models.scripted]\nwire = "openai-chat"\nbase_url = "${model.url}/v1"\nmodel = "scripted"\nfree = true\ncontext_tokens = 32000\n`,
)
const house = await startHouse(home, say)
const client = createClient({ baseUrl: house.url, token: house.token })

const tasks: TaskView[] = []
const submit = async (title: string, contender: string, prompt: string): Promise<void> => {
  const task = await client.submitTask({ body: { project, title, prompt, contenders: [contender] } })
  tasks.push(task)
  say(`${pc.cyan(task.id)}  ${contender.padEnd(18)} ${title}`)
}
say('\nThree tasks in the background:')
await submit('Rename formatPrice everywhere', 'refactor', 'rename formatPrice to formatMoney everywhere')
await submit(
  'Move money.ts into a folder',
  'refactor',
  'move packages/core/src/money.ts to packages/core/src/format/money.ts',
)
await submit(
  'Fix the red test',
  'seatrial+scripted',
  'The test "the total counts every line" fails. Find out why total() is wrong and fix it.',
)
say(pc.dim('(seatrial+scripted is our own agent on a scripted model: no model can be assumed here)\n'))

const { color } = createContext({})
const resting = new Set(['waiting', 'failed', 'cancelled'])
const open = new Set(tasks.map((task) => task.id))
const stop = new AbortController()
const deadline = setTimeout(() => stop.abort(), 10 * 60_000)
const tellOf = (event: HouseEvent): void => {
  const task = tasks.find((each) => each.id === event.taskId)
  const line =
    task &&
    ['trial.moved', 'workspace.ready', 'agent.used-tool', 'check.finished', 'task.moved'].includes(event.body.type)
      ? tellEvent(event, task, color)
      : null
  if (task && line) say(`${pc.cyan(task.id)} ${line}`)
}
for await (const event of client.follow({ after: 0, signal: stop.signal })) {
  tellOf(event)
  if (event.body.type === 'task.moved' && resting.has(event.body.to)) open.delete(event.taskId ?? '')
  if (open.size === 0) stop.abort()
}
clearTimeout(deadline)
await model.close()

say(`\n${pc.bold('What came back')}`)
let failed = 0
for (const { id } of tasks) {
  const task = await client.getTask({ params: { id } })
  if (task.state !== 'waiting') failed++
  say(`\n${pc.cyan(id)}  ${pc.bold(task.title)}  ${task.state}`)
  say(table(task.trials.map((trial) => trialLine(trial, color))))
  if (task.state !== 'waiting') {
    say(pc.red(task.note ?? ''))
    continue
  }
  const evidence = await client.getEvidence({ params: { id }, query: {} })
  for (const result of evidence.candidate) {
    say(
      `  ${result.outcome === 'passed' ? pc.green('✓') : pc.red('✗')} ${result.name}  ${pc.dim(oneLine(result.command, 70))}`,
    )
  }
  const tests = evidence.signals.find((signal) => signal.kind === 'tests')
  if (tests) say(`  ${oneLine(tests.sentence, 120)}`)
  const panel = await client.getPanel({ params: { id }, query: {} })
  say(`  panel: ${panel.ship} ship, ${panel.skip} skip, ${panel.abstain} abstain`)
}
const [first] = tasks
say(`
Nothing was merged: the checkout is as it was. Look and decide, in this folder:

  export SEATRIAL_HOME=${relative(process.cwd(), home)}
  npx seatrial                            what needs you
  npx seatrial review ${first?.id}         hunk by hunk, with the evidence
  npx seatrial accept ${first?.id}         onto the checkout in ${relative(process.cwd(), project)}
  npx seatrial undo ${first?.id}           and back
  npx seatrial down                       stop the house

In the browser: ${house.url}/#token=${house.token}`)
process.exit(failed > 0 ? 1 : 0)
