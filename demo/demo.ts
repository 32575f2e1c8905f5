// The main job on a sample monorepo: three background tasks, each given to the same two contenders, then what came back and
// how the two compare. Everything is real but the model of one contender, which is scripted and says so. Leaves a house
// running to look at.
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
import { findHouse, startHouse, stopHouse } from '../cli/house-process.ts'
import { tellEvent } from '../cli/tell-event.ts'
import { tellComparison, tellTask } from './came-back.ts'
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
  `[models.scripted]\nwire = "openai-chat"\nbase_url = "${model.url}/v1"\nmodel = "scripted"\nfree = true\ncontext_tokens = 32000\nnote = "a scripted model: its answers were written beforehand"\n`,
)
const house = await startHouse(home, say)
const client = createClient({ baseUrl: house.url, token: house.token })

const contenders: [string, string] = ['refactor', 'seatrial+scripted']
const wanted = [
  { title: 'Rename formatPrice everywhere', prompt: 'rename formatPrice to formatMoney everywhere' },
  {
    title: 'Move money.ts into a folder',
    prompt: 'move packages/core/src/money.ts to packages/core/src/format/money.ts',
  },
  {
    title: 'Fix the red test',
    prompt:
      'The billing test "the total counts every line" fails. Find out why total() of the invoice is wrong and fix it.',
  },
]
const tasks: TaskView[] = []
say(`\nThree tasks in the background, each for two contenders: ${contenders.join(' and ')}`)
for (const { title, prompt } of wanted) {
  const task = await client.submitTask({ body: { project, title, prompt, contenders } })
  tasks.push(task)
  say(`${pc.cyan(task.id)}  ${title}`)
}
say(
  pc.dim(
    'refactor is the built-in agent for exact renames and moves; it has no model and says so when a task needs one.',
  ),
)
say(pc.dim('seatrial+scripted is our own agent on a scripted model: no model can be assumed here.\n'))

const { color } = createContext({})
const resting = new Set(['waiting', 'failed', 'cancelled'])
const told = new Set<HouseEvent['body']['type']>(['trial.moved', 'agent.used-tool', 'check.finished', 'task.moved'])
const open = new Set(tasks.map((task) => task.id))
const stop = new AbortController()
const deadline = setTimeout(() => stop.abort(), 10 * 60_000)
for await (const event of client.follow({ after: 0, signal: stop.signal })) {
  const task = tasks.find((each) => each.id === event.taskId)
  const line = task && told.has(event.body.type) ? tellEvent(event, task, color) : null
  if (line) say(`${pc.cyan(task?.id ?? '')} ${line}`)
  if (event.body.type === 'task.moved' && resting.has(event.body.to)) open.delete(event.taskId ?? '')
  if (open.size === 0) stop.abort()
}
clearTimeout(deadline)
await model.close()

say(`\n${pc.bold('What came back')}`)
let failed = 0
for (const { id } of tasks) if (!(await tellTask(client, id))) failed++
const { slug, grid } = await tellComparison(client, contenders, tasks.length)
if (grid.length < tasks.length) failed++

const [first] = tasks
say(`
Nothing was merged: the checkout is as it was. Look and decide, in this folder:

  export SEATRIAL_HOME=${relative(process.cwd(), home)}
  npx seatrial                            what needs you
  npx seatrial review ${first?.id}         hunk by hunk, with the evidence
  npx seatrial accept ${first?.id}         onto the checkout in ${relative(process.cwd(), project)}
  npx seatrial undo ${first?.id}           and back
  npx seatrial verdict explain ${slug}
                                          why the verdict is what it is
  npx seatrial down                       stop the house

In the browser: ${house.url}/#token=${house.token}
The two side by side, once signed in: ${house.url}/compare/${slug}`)
process.exit(failed > 0 ? 1 : 0)
