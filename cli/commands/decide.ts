// Deciding: accept, reject, rework, undo, cancel, answer, message, rollback, compose, diff.

import type { Decision } from '@seatrial/protocol'
import {
  type AcceptInput,
  type ComposePick,
  type LineComment,
  type ReasonCode,
  Refusal,
  type Target,
} from '@seatrial/protocol'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { findHunks } from '../hunks.ts'

interface AcceptOptions {
  trial?: string
  file?: string[]
  hunk?: string[]
  branch?: string | true
  commit?: string | true
  onConflict?: AcceptInput['onConflict']
  allowSensitive?: boolean
  reason?: string
}

const collect = (value: string, all: string[] = []): string[] => [...all, value]

export function addDecide(program: Command, context: () => Context): void {
  program
    .command('accept')
    .description('apply a candidate, or some of it, onto your checkout')
    .argument('<task>')
    .option('-t, --trial <trial>', 'trial or contender (default: the recommended one)')
    .option('-f, --file <path>', 'only this file; repeat for several', collect)
    .option('-H, --hunk <id>', 'only this hunk, as `seatrial diff` names it; repeat for several', collect)
    .option('--branch [name]', 'put it on a branch (default seatrial/ID) and leave the checkout alone')
    .option('--commit [message]', 'commit it on the current branch')
    .option('--on-conflict <what>', 'refuse, branch or markers', 'refuse')
    .option('--allow-sensitive', 'take changes of CI files, hooks and package scripts too')
    .option('--reason <text>', 'why, for the record')
    .action(async (id: string, options: AcceptOptions) => {
      const body = { ...acceptBody(options), ...(await pickOf(context(), id, options)) }
      tellDecision(context(), await (await context().client()).accept({ params: { id }, body }))
    })
  program
    .command('reject')
    .description('turn a task down')
    .argument('<task>')
    .option('-t, --trial <trial>', 'the trial that was looked at')
    .option('-r, --reason <text>', 'why, for the record', '')
    .option('--code <code>', 'agent_error, style, scope, workflow, duplicate or unknown', 'unknown')
    .action(async (id: string, options: { trial?: string; reason: string; code: ReasonCode }) => {
      const { reason, code } = options
      const body = { reason, code, ...(options.trial ? { trialId: options.trial } : {}) }
      tellDecision(context(), await (await context().client()).reject({ params: { id }, body }))
    })
  program
    .command('rework')
    .description('a new trial that goes on from the last one, with your words')
    .argument('<task>')
    .argument('[text...]')
    .option('-t, --trial <trial>', 'trial or contender')
    .option('-c, --comment <path:line:text>', 'a comment on a line; repeat for several', collect)
    .option('--from <checkpoint>', 'start from this checkpoint')
    .action(async (id: string, words: string[], options: { trial?: string; comment?: string[]; from?: string }) => {
      const body = {
        text: words.join(' '),
        comments: (options.comment ?? []).map(readComment),
        ...(options.trial ? { trialId: options.trial } : {}),
        ...(options.from ? { checkpointId: options.from } : {}),
      }
      const task = await (await context().client()).rework({ params: { id }, body })
      if (context().json) context().document({ task })
      else context().talk(`Working on it again. Watch: seatrial watch ${task.id}`)
    })
  program
    .command('undo')
    .description('take back what was accepted')
    .argument('<task-or-decision>')
    .action(async (id: string) => tellDecision(context(), await (await context().client()).undo({ params: { id } })))
  simple(program, context, 'cancel', '<task>', 'stop all trials of a task and their spending', async (client, id) => {
    await client.cancelTask({ params: { id } })
    return `${id} is cancelled.`
  })
  simple(program, context, 'answer', '<question>', 'answer what a trial asked', async (client, id, text) => {
    await client.answerAsk({ params: { id }, body: { answer: text } })
    return 'Answered.'
  })
  simple(program, context, 'message', '<task>', 'tell a running agent something more', async (client, id, text) => {
    await client.messageTask({ params: { id }, body: { text } })
    return 'It will be told when its current turn ends.'
  })
  simple(
    program,
    context,
    'rollback',
    '<task>',
    'make a checkpoint the candidate, checked anew',
    async (client, id, text) => {
      await client.rollback({ params: { id }, body: { checkpointId: text } })
      return `Checking ${text}. Watch: seatrial watch ${id}`
    },
  )
  program
    .command('compose')
    .description('picked hunks and files of several candidates become a new candidate')
    .argument('<task>')
    .argument('[picks...]', 'TRIAL:HUNK[,HUNK...]')
    .option('-f, --file <trial:path>', 'a whole file, also one without hunks; repeat for several', collect)
    .action(async (id: string, texts: string[], options: { file?: string[] }) => {
      const client = await context().client()
      const picks = composePicks(texts, options.file ?? [])
      for (const pick of picks.filter(({ hunks }) => hunks.length > 0)) {
        const diff = await client.getDiff({ params: { id }, query: { trial: pick.trialId } })
        pick.hunks = findHunks(diff, pick.hunks)
      }
      const task = await client.compose({ params: { id }, body: { picks } })
      if (context().json) context().document({ task })
      else context().talk(`Checking the composed candidate. Watch: seatrial watch ${task.id}`)
    })
}

function composePicks(hunks: string[], files: string[]): ComposePick[] {
  const picks = [
    ...hunks
      .map((text) => split(text, 'TRIAL:HUNK,HUNK'))
      .map(([trialId, ids]) => ({ trialId, hunks: ids.split(','), files: [] })),
    ...files.map((text) => split(text, 'TRIAL:PATH')).map(([trialId, path]) => ({ trialId, hunks: [], files: [path] })),
  ]
  if (picks.length === 0) throw new Refusal('bad_request', 'Pick something: TRIAL:HUNK,HUNK or --file TRIAL:PATH.')
  return picks
}

function split(text: string, form: string): [string, string] {
  const at = text.indexOf(':')
  if (at < 1 || at === text.length - 1) throw new Refusal('bad_request', `Write ${text} as ${form}.`)
  return [text.slice(0, at), text.slice(at + 1)]
}

type Act = (client: Awaited<ReturnType<Context['client']>>, id: string, text: string) => Promise<string>

function simple(
  program: Command,
  context: () => Context,
  name: string,
  argument: string,
  about: string,
  act: Act,
): void {
  const takesText = !['cancel'].includes(name)
  const command = program.command(name).description(about).argument(argument)
  if (takesText) command.argument(name === 'rollback' ? '<checkpoint>' : '<text...>')
  command.action(async (id: string, words: string[] | string | object) => {
    const text = Array.isArray(words) ? words.join(' ') : typeof words === 'string' ? words : ''
    const said = await act(await context().client(), id, text)
    if (context().json) context().document({ ok: true })
    else context().talk(said)
  })
}

function acceptBody(options: AcceptOptions): Omit<Partial<AcceptInput>, 'pick'> {
  if (options.branch && options.commit) throw new Refusal('bad_request', 'Pass --branch or --commit, not both.')
  const target: Target = options.branch
    ? { kind: 'branch', ...(options.branch === true ? {} : { name: options.branch }) }
    : options.commit
      ? { kind: 'commit', ...(options.commit === true ? {} : { message: options.commit }) }
      : { kind: 'checkout' }
  return {
    target,
    onConflict: options.onConflict ?? 'refuse',
    allowSensitive: options.allowSensitive ?? false,
    ...(options.reason ? { reason: options.reason } : {}),
    ...(options.trial ? { trialId: options.trial } : {}),
  }
}

/** Hunks may be shortened while they stay unique in the diff. */
async function pickOf(
  context: Context,
  id: string,
  options: AcceptOptions,
): Promise<Pick<Partial<AcceptInput>, 'pick'>> {
  if (!options.file && !options.hunk) return {}
  const client = await context.client()
  const query = options.trial ? { trial: options.trial } : {}
  const diff = options.hunk ? await client.getDiff({ params: { id }, query }) : null
  const hunks = diff ? findHunks(diff, options.hunk ?? []) : []
  return { pick: { kind: 'some', files: options.file ?? [], hunks } }
}

function readComment(text: string): LineComment {
  const match = /^(.+?):(\d+):([\s\S]+)$/.exec(text)
  if (!match?.[1] || !match[3])
    throw new Refusal('bad_request', `Write a comment as PATH:LINE:TEXT, not ${text.slice(0, 60)}.`)
  return { path: match[1], line: Number(match[2]), side: 'new', text: match[3].trim() }
}

/** Says what a decision did; a conflict exits with 1 and names the files. */
export function tellDecision(context: Context, decision: Decision): void {
  if (decision.state === 'conflict') process.exitCode = exitCodes.failed
  if (context.json) return context.document({ decision })
  const { result } = decision
  if (decision.state === 'recorded') return context.talk(`Recorded: ${decision.kind}.`)
  if (decision.state === 'pending') return context.talk('It is still being applied; see `seatrial show`.')
  if (decision.state === 'undoing') return context.talk('It is still being taken back; see `seatrial show`.')
  if (decision.state === 'undone') return context.talk('Taken back; your checkout is as it was before.')
  if (!result) return
  if (decision.state === 'conflict') {
    for (const conflict of result.conflicts)
      context.talk(`${conflict.path ? `${conflict.path}: ` : ''}${conflict.sentence}`)
    context.talk(`Nothing was changed. Put it on a branch instead: seatrial accept ${decision.taskId} --branch`)
    return
  }
  for (const file of result.files) context.out(file)
  const where = result.branch
    ? ` on branch ${result.branch}`
    : result.commit
      ? ` as commit ${result.commit.slice(0, 10)}`
      : ''
  context.talk(
    result.outcome === 'nothing'
      ? 'Your checkout already has all of it.'
      : `Applied ${result.files.length} files${where}. Take it back: seatrial undo ${decision.taskId}`,
  )
}
