// Looking at tasks: list, inbox, show, watch, checkpoints, log.
import { type HouseEvent, Refusal, type TaskState } from '@seatrial/protocol'
import type { TaskView } from '@seatrial/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { followTask } from '../follow.ts'
import { ago, oneLine, stateWord, table, taskLine, trialLine } from '../format.ts'
import { tellEvent } from '../tell-event.ts'
import { waitCode } from './run.ts'

export function addLook(program: Command, context: () => Context): void {
  program
    .command('list')
    .alias('ls')
    .description('tasks, newest first')
    .option('-s, --state <state>', 'only tasks in this state')
    .option('-p, --project <name>', 'only tasks of this project')
    .option('-l, --limit <count>', 'how many', '30')
    .option('--before <cursor>', 'the next page')
    .action(async (options: { state?: TaskState; project?: string; limit: string; before?: string }) => {
      const { state, project, before } = options
      const query = {
        limit: Number(options.limit),
        ...(state ? { state } : {}),
        ...(project ? { project } : {}),
        ...(before ? { before } : {}),
      }
      const page = await (await context().client()).listTasks({ query })
      if (context().json) return context().document(page)
      if (page.tasks.length === 0) return context().talk('No tasks. Start one: seatrial run "..."')
      context().out(table(page.tasks.map((task) => taskLine(task, context().color))))
      if (page.next) context().talk(`More: seatrial list --before ${page.next}`)
    })
  program
    .command('inbox')
    .description('what needs you')
    .action(() => showInbox(context()))
  program
    .command('show')
    .description('one task with its trials')
    .argument('<task>')
    .action(async (id: string) => {
      const task = await (await context().client()).getTask({ params: { id } })
      if (context().json) context().document({ task })
      else context().out(showTask(task, context()))
    })
  program
    .command('watch')
    .description('follow a task until it needs you')
    .argument('<task>')
    .option('--json-stream', 'one event per line on stdout')
    .option('--timeout <seconds>', 'stop watching (exit 7)')
    .action(async (id: string, options: { jsonStream?: boolean; timeout?: string }) => {
      const client = await context().client()
      const task = await client.getTask({ params: { id } })
      const signal = options.timeout ? AbortSignal.timeout(Number(options.timeout) * 1000) : undefined
      const ended = await followTask(context(), client, task, {
        from: 0,
        stream: options.jsonStream === true,
        ...(signal ? { signal } : {}),
      })
      if (!options.jsonStream) context().out(showTask(ended, context()))
      process.exitCode = waitCode(ended)
    })
  program
    .command('checkpoints')
    .description('snapshots of a trial, kept outside its workspace')
    .argument('<task>')
    .option('-t, --trial <trial>', 'trial or contender')
    .action(async (id: string, options: { trial?: string }) => {
      const query = options.trial ? { trial: options.trial } : {}
      const { checkpoints } = await (await context().client()).listCheckpoints({ params: { id }, query })
      if (context().json) return context().document({ checkpoints })
      context().out(
        table(
          checkpoints.map((each) => [
            each.id,
            String(each.number),
            `${each.files} ${each.files === 1 ? 'file' : 'files'}`,
            ago(each.at),
            oneLine(each.label),
          ]),
        ),
      )
    })
  program
    .command('log')
    .description('everything that happened, to one task or to all')
    .argument('[task]')
    .option('--json-stream', 'one event per line on stdout')
    .option('--after <seq>', 'only events after this one', '0')
    .action(async (id: string | undefined, options: { after: string; jsonStream?: boolean }) => {
      const client = await context().client()
      let after = Number(options.after)
      if (!Number.isInteger(after) || after < 0) throw new Refusal('bad_request', '--after takes a whole number.')
      const task = id ? await client.getTask({ params: { id } }) : null
      const asData = options.jsonStream === true || context().json
      const show = (event: HouseEvent): void => {
        if (asData) return void process.stdout.write(`${JSON.stringify(event)}\n`)
        const line = tellEvent(event, task ?? { trials: [] }, context().color)
        if (line) context().out(task ? line : `${event.taskId ?? '-'} ${line}`)
      }
      for (;;) {
        const { events } = await client.listEvents({ query: { after, limit: 1000, ...(id ? { task: id } : {}) } })
        for (const event of events) show(event)
        after = events.at(-1)?.seq ?? after
        if (events.length < 1000) return
      }
    })
}

/** The inbox: also what plain `seatrial` shows. */
export async function showInbox(context: Context): Promise<void> {
  const client = await context.client()
  const { tasks } = await client.listTasks({ query: { inbox: 'true', limit: 50 } })
  if (context.json) return context.document({ tasks })
  if (tasks.length === 0) {
    const { tasks: running } = await client.listTasks({ query: { state: 'working', limit: 50 } })
    context.talk(running.length > 0 ? `Nothing needs you. ${running.length} running.` : 'Nothing needs you.')
    return
  }
  context.out(table(tasks.map((task) => [needs(task, context), ...taskLine(task, context.color)])))
}

function needs(task: TaskView, { color }: Context): string {
  if (task.asks.some((ask) => ask.answer === null)) return color.yellow('ANSWER')
  return task.state === 'failed' ? color.red('FAILED') : color.green('REVIEW')
}

function showTask(task: TaskView, { color }: Context): string {
  const open = task.asks.filter((ask) => ask.answer === null)
  const next: Partial<Record<TaskState, string>> = {
    waiting: `seatrial review ${task.id}   seatrial accept ${task.id}   seatrial rework ${task.id} "..."`,
    failed: `seatrial rework ${task.id} "..."   seatrial checkpoints ${task.id}`,
    done: `seatrial undo ${task.id}`,
  }
  return [
    `${color.bold(oneLine(task.title))}  ${task.id}  ${stateWord(task.state, color)}${task.alive ? '' : task.state === 'working' ? color.yellow('  (no worker holds it right now)') : ''}`,
    `${task.projectName}${task.base ? ` at ${task.base.head.slice(0, 10)}${task.base.branch ? ` (${task.base.branch})` : ''}` : ''}`,
    '',
    table(
      task.trials.map((trial) => [
        trial.id === task.selection?.winner ? color.green('★') : ' ',
        ...trialLine(trial, color),
      ]),
    ),
    ...(task.selection ? ['', oneLine(task.selection.sentence, 200)] : []),
    ...(task.note && task.note !== task.selection?.sentence ? ['', oneLine(task.note, 200)] : []),
    ...open.map((ask) =>
      color.yellow(`\n? ${oneLine(ask.text, 200)}  [${ask.options.join(' / ')}]  seatrial answer ${ask.id} "..."`),
    ),
    ...(next[task.state] ? ['', color.dim(next[task.state] ?? '')] : []),
  ].join('\n')
}
