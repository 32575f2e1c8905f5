// `seatrial models`: what can be had, what is here, what fits; pull, import, use, serve and ask.
import { resolve } from 'node:path'
import { confirm, isCancel } from '@clack/prompts'
import { type ModelCard, type Pull, Refusal } from '@seatrial/protocol'
import type { Client } from '@seatrial/protocol/client'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { duration, oneLine, table } from '../format.ts'
import { streamAnswer } from '../stream-answer.ts'

export function addModels(program: Command, context: () => Context): void {
  const models = program.command('models').description('models of your own: catalogue, downloads, what runs here')
  models
    .command('list')
    .alias('ls')
    .description('the catalogue and what is on this machine')
    .action(async () => {
      const { models: cards } = await (await context().client()).listModels({})
      if (context().json) return context().document({ models: cards })
      context().out(table(cards.map((card) => row(card, context()))))
    })
  models
    .command('show')
    .description('one model: licence, files, and whether it fits this machine')
    .argument('<name>')
    .option('-c, --context <tokens>', 'context to reckon with')
    .action(async (name: string, options: { context?: string }) => {
      const query = options.context === undefined ? {} : { context: Number(options.context) }
      const found = await (await context().client()).getModel({ params: { name }, query })
      if (context().json) return context().document(found)
      context().out([...describe(found.model), ...(found.fit ? ['', found.fit.sentence] : [])].join('\n'))
    })
  models
    .command('pull')
    .description('download a model of the catalogue; asks before, with licence and size')
    .argument('<name>')
    .option('-c, --context <tokens>', 'context to reckon with')
    .option('--accept-licence <name>', 'accept this licence without being asked')
    .option('--even-if-too-big', 'download although this machine is too small for it')
    .action(async (name: string, options: PullFlags) => pull(context(), name, options))
  models
    .command('import')
    .description('take a GGUF file, or a folder with weights and projector, from this machine')
    .argument('<path>')
    .option('-n, --name <name>')
    .option('-l, --licence <licence>')
    .option('-c, --context <tokens>', 'context to serve it with, instead of what the file says')
    .action(async (path: string, options: { name?: string; licence?: string; context?: string }) => {
      const { context: tokens, ...named } = options
      const body = { path: resolve(path), ...named, ...(tokens ? { contextTokens: Number(tokens) } : {}) }
      const card = await (await context().client()).importModel({ body })
      if (context().json) return context().document({ model: card })
      context().out(`${card.name} is here${card.seesImages ? ' and sees pictures' : ''}`)
    })
  models
    .command('use')
    .description('make a model the one used when none is named')
    .argument('<name>')
    .action(async (name: string) => {
      const card = await (await context().client()).useModel({ body: { name } })
      if (context().json) return context().document({ model: card })
      context().out(`${card.name} is used from now on`)
    })
  models
    .command('rm')
    .description('remove a model and its adapters from disk')
    .argument('<name>')
    .action(async (name: string) => {
      const { bytes } = await (await context().client()).removeModel({ params: { name } })
      if (context().json) return context().document({ name, bytes })
      context().out(`${name} is gone, ${size(bytes)} are free`)
    })
  models
    .command('serve')
    .description('say where an OpenAI-compatible client finds a model')
    .argument('[name]')
    .action(async (name: string | undefined) => {
      const served = await (await context().client()).serveModel({ body: name === undefined ? {} : { name } })
      if (context().json) return context().document(served)
      const { baseUrl, apiKey, model, contextTokens } = served
      context().out(
        [
          `base URL  ${baseUrl}`,
          `key       ${apiKey}`,
          `model     ${model}`,
          `context   ${contextTokens ?? 'unknown'}`,
        ].join('\n'),
      )
      context().talk('It answers while the house runs and takes callers of this machine only.')
    })
  models
    .command('ask')
    .description('one question to a model')
    .argument('<question...>')
    .option('-m, --model <name>', 'a model, or model@adapter')
    .option('-i, --image <file...>', 'pictures to show')
    .action(async (words: string[], options: { model?: string; image?: string[] }) => {
      const served = await (await context().client()).serveModel({
        body: options.model === undefined ? {} : { name: options.model },
      })
      let text = ''
      let line = ''
      for await (const piece of streamAnswer(served, words.join(' '), options.image ?? [])) {
        text += piece
        const lines = (line + piece).split('\n')
        line = lines.pop() ?? ''
        if (!context().json) for (const whole of lines) context().out(whole)
      }
      if (context().json) context().document({ model: served.model, text })
      else if (line !== '') context().out(line)
    })
}

interface PullFlags {
  context?: string
  acceptLicence?: string
  evenIfTooBig?: boolean
}

async function pull(context: Context, name: string, flags: PullFlags): Promise<void> {
  const client = await context.client()
  const query = flags.context === undefined ? {} : { context: Number(flags.context) }
  const { model, fit } = await client.getModel({ params: { name }, query })
  if (model.state === 'installed') throw new Refusal('conflict', `${name} is here already.`)
  context.talk(describe(model).join('\n'))
  if (fit) context.talk(`${fit.sentence} The download is ${size(fit.downloadBytes)}.`)
  const licence = flags.acceptLicence ?? (await askLicence(context, model))
  const body = { name, licence, ...query, evenIfTooBig: flags.evenIfTooBig ?? false }
  await client.pullModel({ body })
  const done = await watch(client, context, name)
  if (done.state !== 'done') throw new Refusal('unavailable', done.sentence ?? `${name} was not pulled.`)
  if (context.json) context.document({ pull: done })
  else context.out(`${name} is here`)
}

async function askLicence(context: Context, model: ModelCard): Promise<string> {
  if (!context.interactive) {
    throw new Refusal(
      'bad_request',
      `${model.name} is under ${model.licence}; accept it with --accept-licence ${model.licence}.`,
    )
  }
  const yes = await confirm({ message: `Accept ${model.licence} (${model.licenceUrl ?? 'no link'}) and download?` })
  if (isCancel(yes) || !yes) throw new Refusal('forbidden', 'Nothing was downloaded.')
  return model.licence
}

const over = new Set<Pull['state']>(['done', 'failed', 'cancelled'])

async function watch(client: Client, context: Context, name: string): Promise<Pull> {
  while (true) {
    const { pulls } = await client.listPulls({})
    const state = pulls.find((each) => each.name === name)
    if (!state) throw new Refusal('unavailable', `The house no longer knows about the download of ${name}.`)
    if (over.has(state.state)) return state
    context.talk(progress(state))
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

function progress(pull: Pull): string {
  const share = pull.totalBytes ? ` ${Math.floor((pull.doneBytes / pull.totalBytes) * 100)}%` : ''
  const speed = pull.bytesPerSecond > 0 ? `, ${size(pull.bytesPerSecond)}/s` : ''
  const left = pull.secondsLeft === null ? '' : `, ${duration(pull.secondsLeft)} left`
  return `${pull.state} ${pull.file ?? ''}${share} ${size(pull.doneBytes)}${speed}${left}`
}

function row(card: ModelCard, { color }: Context): string[] {
  const mark: Record<ModelCard['state'], string> = {
    installed: color.green(card.chosen ? 'in use' : 'here'),
    remote: color.green('remote'),
    pulling: color.yellow('pulling'),
    available: color.dim('–'),
  }
  const adapters = card.adapters.map(({ name }) => `@${name}`).join(' ')
  const context = card.contextTokens === null ? '' : `${Math.round(card.contextTokens / 1024)}k`
  return [
    mark[card.state],
    card.name,
    card.licence,
    card.roles.join(' '),
    context,
    card.bytes === null ? '' : size(card.bytes),
    adapters,
    color.dim(oneLine(card.note, 70)),
  ]
}

function describe(card: ModelCard): string[] {
  return [
    `${card.title} (${card.name})`,
    `licence   ${card.licence}${card.licenceUrl ? `  ${card.licenceUrl}` : ''}`,
    `source    ${card.source}${card.revision ? ` at ${card.revision}` : ''}`,
    `good for  ${card.roles.join(', ')}${card.seesImages ? '; sees pictures' : ''}`,
    `context   ${card.contextTokens ?? 'unknown'} tokens`,
    ...card.files.map(
      ({ name, bytes, sha256 }) =>
        `file      ${name}  ${bytes === null ? 'size told by the hub' : size(bytes)}  ${sha256 ? `sha256 ${sha256.slice(0, 12)}…` : 'checksum told by the hub'}`,
    ),
    ...card.adapters.map(({ name, rank }) => `adapter   @${name}  rank ${rank}`),
    ...card.warnings.map((warning) => `warning   ${warning}`),
    ...(card.note === '' ? [] : [card.note]),
  ]
}

const size = (bytes: number) => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`)
