// `seatrial models`: what can be had, what is here, what fits; pull, import, use, serve and ask.
import { resolve } from 'node:path'
import { confirm, isCancel } from '@clack/prompts'
import { type ModelCard, type Pull, Refusal } from '@seatrial/protocol'
import type { Client } from '@seatrial/protocol/client'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { modelList, modelText, pullLine, size } from '../model-text.ts'
import { streamAnswer } from '../stream-answer.ts'

export function addModels(program: Command, context: () => Context): void {
  const models = program.command('models').description('models of your own: catalogue, downloads, what runs here')
  models
    .command('list')
    .alias('ls')
    .description('the catalogue and what is on this machine')
    .action(async () => {
      const found = await (await context().client()).listModels({})
      if (context().json) return context().document(found)
      context().out(modelList(found.models, found, context().color))
      if (found.suggested !== null) context().talk(`\nTo begin with, here: seatrial models pull ${found.suggested}`)
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
      context().out(`${modelText(found.model)}${found.fit ? `\n\n${found.fit.sentence}` : ''}`)
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
      for await (const piece of streamAnswer(served, words.join(' '), options.image ?? [])) {
        text += piece
        if (!context().json) context().piece(piece)
      }
      if (context().json) context().document({ model: served.model, text })
      else if (!text.endsWith('\n')) context().piece('\n')
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
  context.talk(`${modelText(model)}\n`)
  if (fit) context.talk(`${fit.sentence}${fit.downloadBytes > 0 ? ` The download is ${size(fit.downloadBytes)}.` : ''}`)
  const licence = flags.acceptLicence ?? (await askLicence(context, model))
  const body = { name, licence, ...query, evenIfTooBig: flags.evenIfTooBig ?? false }
  await client.pullModel({ body })
  const done = await watch(client, context, name)
  if (done.state !== 'done') throw new Refusal('unavailable', done.sentence ?? `${name} was not pulled.`)
  if (context.json) return context.document({ pull: done })
  context.out(`${name} is here`)
  context.talk(
    `Ask it: seatrial models ask -m ${name} "..."   Put an agent on it: seatrial run -a seatrial+${name} "..."`,
  )
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

/** How often the house is asked, and where no person watches, how often a line is written. */
const askMs = 500
const lineMs = 15_000
const barWidth = 24

async function watch(client: Client, context: Context, name: string): Promise<Pull> {
  let told = Number.NEGATIVE_INFINITY
  try {
    while (true) {
      const { pulls } = await client.listPulls({})
      const state = pulls.find((each) => each.name === name)
      if (!state) throw new Refusal('unavailable', `The house no longer knows about the download of ${name}.`)
      if (over.has(state.state)) return state
      if (context.interactive) context.redraw(pullLine(state, barWidth))
      else if (performance.now() - told >= lineMs) {
        told = performance.now()
        context.talk(pullLine(state, barWidth))
      }
      await new Promise((resolve) => setTimeout(resolve, askMs))
    }
  } finally {
    if (context.interactive) context.redraw('')
  }
}
