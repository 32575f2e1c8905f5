// `seatrial tune`: decisions out as datasets, adapters in as contenders beside their base.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { Refusal, Trainer, TuneMethod } from '@seatrial/protocol'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { table } from '../format.ts'

export function addTune(program: Command, context: () => Context): void {
  const tune = program.command('tune').description('teach a model of your own from what people decided')
  tune
    .command('export')
    .description('write datasets, settings for trainers and a card')
    .argument('<folder>', 'where to write; must not exist')
    .addOption(new Option('--method <method...>').choices(TuneMethod.options))
    .addOption(new Option('--trainer <trainer...>').choices(Trainer.options))
    .option('-p, --project <name...>', 'only these projects')
    .option('-m, --model <name>', 'the model to tune, written into the settings')
    .option('--test-share <share>', 'share of projects held back', '0.2')
    .action(async (folder: string, options: ExportFlags) => {
      const body = {
        ...(options.method ? { methods: options.method } : {}),
        ...(options.trainer ? { trainers: options.trainer } : {}),
        ...(options.project ? { projects: options.project } : {}),
        ...(options.model ? { model: options.model } : {}),
        testShare: Number(options.testShare),
      }
      const result = await (await context().client()).tuneExport({ body })
      const root = resolve(folder)
      await mkdir(root).catch((error: NodeJS.ErrnoException) => {
        throw new Refusal(
          'conflict',
          error.code === 'EEXIST' ? `${folder} exists already; name a new folder.` : error.message,
        )
      })
      for (const file of result.files) {
        const path = resolve(root, file.path)
        if (!path.startsWith(root + sep)) throw new Refusal('forbidden', `${file.path} points out of the folder.`)
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, file.text)
      }
      if (context().json)
        return context().document({ folder: root, files: result.files.map(({ path }) => path), counts: result.counts })
      context().out(table(Object.entries(result.counts).map(([name, count]) => [name, String(count)])))
      context().out(`Read ${join(folder, 'README.md')} before training.`)
    })
  tune
    .command('import')
    .description('take an adapter: a GGUF file, or a PEFT folder, which is converted')
    .argument('<path>')
    .requiredOption('-m, --model <name>', 'the base it was trained on')
    .option('-n, --name <name>')
    .action(async (path: string, options: { model: string; name?: string }) => {
      const card = await (await context().client()).tuneImport({ body: { path: resolve(path), ...options } })
      if (context().json) return context().document({ adapter: card })
      context().out(
        `${card.model}@${card.name} is here (rank ${card.rank}); run it beside its base: -a agent+${card.model} -a agent+${card.model}@${card.name}`,
      )
    })
  tune
    .command('list')
    .alias('ls')
    .description('adapters on this machine')
    .action(async () => {
      const { models } = await (await context().client()).listModels({})
      const adapters = models.flatMap((model) => model.adapters)
      if (context().json) return context().document({ adapters })
      context().out(table(adapters.map(({ model, name, rank, from }) => [`${model}@${name}`, `rank ${rank}`, from])))
    })
  tune
    .command('rm')
    .description('remove an adapter; its base stays')
    .argument('<model@adapter>')
    .action(async (id: string) => {
      const [name = '', adapter] = id.split('@')
      if (!adapter) throw new Refusal('bad_request', 'Name it as model@adapter.')
      await (await context().client()).removeAdapter({ params: { name, adapter } })
      if (context().json) return context().document({ removed: id })
      context().out(`${id} is gone`)
    })
}

interface ExportFlags {
  method?: TuneMethod[]
  trainer?: Trainer[]
  project?: string[]
  model?: string
  testShare: string
}
