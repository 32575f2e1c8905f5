// `seatrial run`: hand a task over and keep coding. Returns at once unless asked to wait.
import { readFile } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import { type BaseSpec, type Picture, Refusal } from '@seatrial/protocol'
import type { TaskView } from '@seatrial/protocol/api'
import type { Client } from '@seatrial/protocol/client'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { followTask } from '../follow.ts'
import { trialLine } from '../format.ts'

interface RunOptions {
  agent?: string[]
  attempts?: string
  base?: string
  workingTree?: boolean
  project?: string
  image?: string[]
  budget?: string
  minutes?: string
  check?: string[]
  title?: string
  untrusted?: string[]
  key?: string
  wait?: boolean
  timeout?: string
}

const collect = (value: string, all: string[] = []): string[] => [...all, value]

export function addRun(program: Command, context: () => Context): void {
  program
    .command('run')
    .description('start a task in the background; the prompt may come from standard input with `-`')
    .argument('<prompt...>', 'what to do')
    .option(
      '-a, --agent <contender>',
      'contender such as `refactor` or `seatrial+devstral`; repeat for several',
      collect,
    )
    .option('-n, --attempts <count>', 'trials per contender', '1')
    .option('-b, --base <ref>', 'commit or branch to start from (default HEAD)')
    .option('-w, --working-tree', 'start from the checkout as it stands, uncommitted changes included')
    .option('-p, --project <path>', 'repository (default: the one you are in)')
    .option('-i, --image <file>', 'a picture for the task; repeat for several', collect)
    .option('--budget <dollars>', 'stop before more than this is spent')
    .option('--minutes <minutes>', 'stop after this long')
    .option('--check <command>', 'an acceptance check beside the project’s own; repeat for several', collect)
    .option('--title <text>', 'a short name')
    .option('--untrusted <file>', 'text from outside (an issue, a page) to hand over as data', collect)
    .option('--key <text>', 'submitting twice with one key starts one task')
    .option('--wait', 'wait for the candidates and exit 6 when a decision is needed')
    .option('--timeout <seconds>', 'with --wait: give up waiting (exit 7)')
    .action(async (words: string[], options: RunOptions) => {
      await run(context(), words.join(' '), options)
    })
}

async function run(context: Context, words: string, options: RunOptions): Promise<void> {
  const prompt = words === '-' ? await readStandardInput() : words
  const client = await context.client()
  const task = await client.submitTask({
    body: {
      project: resolve(options.project ?? '.'),
      prompt,
      base: baseOf(options),
      contenders: options.agent ?? [],
      attempts: wholeNumber(options.attempts, '--attempts') ?? 1,
      images: await Promise.all((options.image ?? []).map(readPicture)),
      budget: {
        micros: options.budget === undefined ? null : Math.round(positive(options.budget, '--budget') * 1e6),
        minutes: options.minutes === undefined ? null : positive(options.minutes, '--minutes'),
      },
      checks: (options.check ?? []).map((command) => ({ name: command.slice(0, 60), kind: 'other', command })),
      untrusted: await Promise.all(
        (options.untrusted ?? []).map(async (file) => ({ source: basename(file), text: await readFile(file, 'utf8') })),
      ),
      ...(options.title ? { title: options.title } : {}),
      ...(options.key ? { idempotencyKey: options.key } : {}),
    },
  })
  if (!options.wait) {
    if (context.json) context.document({ task })
    else {
      context.out(task.id)
      const trials = task.trials.length === 1 ? '1 trial' : `${task.trials.length} trials`
      context.talk(`${trials} in the background. Watch: seatrial watch ${task.id}   Inbox: seatrial inbox`)
    }
    return
  }
  await wait(context, client, task, options)
}

async function wait(context: Context, client: Client, task: TaskView, options: RunOptions): Promise<void> {
  const timeoutMs = options.timeout === undefined ? null : positive(options.timeout, '--timeout') * 1000
  const signal = timeoutMs === null ? undefined : AbortSignal.timeout(timeoutMs)
  const ended = await followTask(context, client, task, { quiet: context.json, ...(signal ? { signal } : {}) })
  if (context.json) context.document({ task: ended })
  else for (const trial of ended.trials) context.out(trialLine(trial, context.color).filter(Boolean).join('  '))
  process.exitCode = waitCode(ended)
  if (process.exitCode === exitCodes.timedOut)
    context.talk(`Still ${ended.state}; it goes on. seatrial watch ${ended.id}`)
  if (process.exitCode === exitCodes.needsHuman) context.talk(`Review it: seatrial review ${ended.id}`)
}

/** What `--wait` exits with, by the state the task is in when waiting ends. */
export function waitCode({ state }: Pick<TaskView, 'state'>): number {
  if (state === 'waiting') return exitCodes.needsHuman
  if (state === 'done') return exitCodes.ok
  if (state === 'failed' || state === 'rejected' || state === 'cancelled') return exitCodes.failed
  return exitCodes.timedOut
}

function baseOf(options: RunOptions): BaseSpec {
  if (options.workingTree && options.base) throw new Refusal('bad_request', 'Pass --base or --working-tree, not both.')
  return options.workingTree ? { kind: 'working-tree' } : { kind: 'commit', ref: options.base ?? 'HEAD' }
}

function wholeNumber(text: string | undefined, name: string): number | null {
  if (text === undefined) return null
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Refusal('bad_request', `${name} takes a whole number from 1.`)
  return value
}

function positive(text: string, name: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Refusal('bad_request', `${name} takes a number above 0.`)
  return value
}

const mediaTypes: Record<string, Picture['mediaType']> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
}

async function readPicture(file: string): Promise<Picture> {
  const mediaType = mediaTypes[extname(file).toLowerCase()]
  if (!mediaType) throw new Refusal('bad_request', `${file} is not a PNG, JPEG, WebP or GIF picture.`)
  const data = await readFile(file).catch(() => {
    throw new Refusal('not_found', `The picture ${file} cannot be read.`)
  })
  return { name: basename(file), mediaType, data: data.toString('base64') }
}

async function readStandardInput(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk
  if (!text.trim()) throw new Refusal('bad_request', 'Standard input was empty; pipe the prompt in.')
  return text
}
