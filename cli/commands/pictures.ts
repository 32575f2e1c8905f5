// `seatrial look FILE...`: what pictures say, read on this machine.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Look, LookKind, Refusal } from '@seatrial/protocol'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'

export function addPictures(program: Command, context: () => Context): void {
  program
    .command('look')
    .description('read pictures: a caption, a style, a mood board, a screenshot, a design, or only their text')
    .argument('<file...>')
    .addOption(new Option('--as <kind>', 'what to read them as').choices(LookKind.options).default('caption'))
    .option('-m, --model <name>', 'a model that sees; without one, code and OCR answer')
    .action(async (files: string[], options: { as: LookKind; model?: string }) => {
      const client = await context().client()
      const model = options.model === undefined ? {} : { model: options.model }
      const looks: Look[] = []
      const failed: { file: string; sentence: string }[] = []
      for (const [index, path] of files.entries()) {
        if (files.length > 1) context().talk(`${index + 1}/${files.length} ${path}`)
        try {
          const data = (await read(path)).toString('base64')
          looks.push(await client.look({ body: { file: basename(path), data, as: options.as, ...model } }))
          const look = looks.at(-1)!
          if (!context().json) context().out(`${look.file}: ${describe(look)}`)
        } catch (error) {
          if (!(error instanceof Refusal) || files.length === 1) throw error
          failed.push({ file: path, sentence: error.message })
          context().talk(error.message)
        }
      }
      const summary = looks.length > 1 ? await client.summariseLooks({ body: { looks, ...model } }) : null
      if (context().json) context().document({ looks, failed, summary })
      else if (summary) context().out(`\n${describe(summary)}`)
      if (failed.length > 0)
        throw new Refusal('unprocessable', `${failed.length} of ${files.length} pictures could not be read.`)
    })
}

async function read(path: string): Promise<Buffer> {
  return readFile(path).catch(() => {
    throw new Refusal('not_found', `There is no file ${path}.`)
  })
}

function describe(look: Look): string {
  // The sentence has these already.
  const { caption: _, summary: __, ...rest } = look.answer ?? {}
  const answers = Object.entries(rest).map(([key, value]) => `  ${key}: ${plain(value)}`)
  const lines = (look.lines ?? []).map(({ text }) => `  | ${text}`)
  return [look.sentence, ...answers, ...lines].join('\n')
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(', ')
  if (value !== null && typeof value === 'object') return Object.values(value).map(plain).join(' ')
  return String(value)
}
