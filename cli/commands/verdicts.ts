// Which one should you ship with: compare, pick, panel, vote, verdicts explained, planned and exported, the digest.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { ComparisonView, PanelShare } from '@seatrial/protocol'
import { Refusal, wordsOf } from '@seatrial/protocol'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { money, oneLine, reviewerName, table } from '../format.ts'

export function addVerdicts(program: Command, context: () => Context): void {
  program
    .command('compare')
    .description('hold two side by side: contenders, trials of one task, or dossiers')
    .argument('<a>', 'contender, trial or dossier')
    .argument('<b>')
    .action(async (a: string, b: string) => showComparison(context(), a, b))
  program
    .command('pick')
    .description('which candidate of a task is recommended, and why')
    .argument('<task>')
    .action(async (id: string) => {
      const found = await (await context().client()).pickCandidate({ params: { id } })
      if (context().json) return context().document(found)
      context().out(found.selection?.sentence ?? 'Nothing is chosen yet; the task is not settled.')
      const rows = found.selection?.ranking ?? []
      context().out(
        table(
          rows.map(({ trialId, score, out, reasons }) => [
            trialId,
            score.toFixed(2),
            out ?? oneLine(reasons.join('; '), 90),
          ]),
        ),
      )
    })
  program
    .command('panel')
    .description("the reviewers' word on a candidate, and their record")
    .argument('<task>')
    .option('-t, --trial <trial>', 'trial or contender (default: the recommended one)')
    .action(async (id: string, options: { trial?: string }) => showPanel(context(), id, options.trial))
  program
    .command('vote')
    .description('where to vote: people vote signed in, in a browser, without seeing the names')
    .argument('<comparison>')
    .action(async (slug: string) => {
      const view = await (await context().client()).getComparison({ params: { slug } })
      const page = `${await context().url()}/compare/${view.slug}/vote`
      if (context().json) return context().document({ page, community: view.community })
      context().out(`Community: ${view.community.words ?? '-'}`)
      context().out(`Tokens have no vote. Sign in and vote at ${page}`)
    })
  addVerdict(program, context)
  addDigest(program, context)
}

function addVerdict(program: Command, context: () => Context): void {
  const verdict = program.command('verdict').description('verdicts: how they were made, what they lack, out as files')
  verdict
    .command('list')
    .alias('ls')
    .description('all comparisons with their newest verdict')
    .action(async () => {
      const { comparisons } = await (await context().client()).listComparisons({})
      if (context().json) return context().document({ comparisons })
      context().out(table(comparisons.map(({ slug, words, sentence }) => [slug, words, oneLine(sentence, 80)])))
    })
  verdict
    .command('explain')
    .description('compute a stored verdict again from its stored inputs, step by step')
    .argument('<comparison>')
    .option('--at <version>', 'an earlier version')
    .action(async (slug: string, options: { at?: string }) => {
      const query = options.at ? { version: Number(options.at) } : {}
      const found = await (await context().client()).explainVerdict({ params: { slug }, query })
      if (context().json) return context().document(found)
      for (const step of found.steps) context().out(step)
      const current =
        found.current === null
          ? ''
          : found.current
            ? ' The runs say the same today.'
            : ' The runs say something else today: recompute.'
      context().out(
        `Version ${found.version}, inputs ${found.inputsSha.slice(0, 12)}: ${found.reproduced ? 'reproduced bit for bit.' : 'NOT reproduced.'}${current}`,
      )
      if (!found.reproduced) throw new Refusal('conflict', 'The stored verdict does not follow from its stored inputs.')
    })
  verdict
    .command('plan')
    .description('how many more shared tasks would settle it, and for how much')
    .argument('<comparison>')
    .action(async (slug: string) => {
      const plan = await (await context().client()).planVerdict({ params: { slug } })
      if (context().json) return context().document(plan)
      for (const sentence of plan.sentences) context().out(sentence)
    })
  verdict
    .command('recompute')
    .description('count all runs of a comparison again, from scratch')
    .argument('<comparison>')
    .action(async (slug: string) => {
      const view = await (await context().client()).recomputeComparison({ params: { slug } })
      tellComparison(context(), view)
    })
  verdict
    .command('export')
    .description('the page as files that need no house')
    .argument('<comparison>')
    .argument('<folder>', 'where to write; must not exist')
    .action(async (slug: string, folder: string) => {
      const { files } = await (await context().client()).exportComparison({ params: { slug } })
      const root = resolve(folder)
      await mkdir(root).catch((error: NodeJS.ErrnoException) => {
        throw new Refusal(
          'conflict',
          error.code === 'EEXIST' ? `${folder} exists already; name a new folder.` : error.message,
        )
      })
      for (const { path, encoding, data } of files) await writeFile(join(root, basename(path)), data, encoding)
      if (context().json) return context().document({ folder: root, files: files.map(({ path }) => path) })
      context().out(`Written to ${root}: ${files.map(({ path }) => path).join(', ')}`)
    })
  verdict
    .command('publish')
    .description('let anybody who reaches the house read the page')
    .argument('<comparison>')
    .option('--off', 'take it back')
    .action(async (slug: string, options: { off?: boolean }) => {
      const client = await context().client()
      const view = await client.publishComparison({ params: { slug }, body: { published: !options.off } })
      tellComparison(context(), view)
    })
  verdict
    .command('dossier')
    .description('enter or replace a dossier from a TOML file')
    .argument('<file>')
    .action(async (file: string) => {
      const toml = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        throw new Refusal('bad_request', `${file} cannot be read (${error.code}).`)
      })
      const card = await (await context().client()).addDossier({ body: { toml } })
      if (context().json) return context().document({ dossier: card })
      context().out(`${card.name} is entered as ${card.slug}; compare it: seatrial compare ${card.slug} OTHER`)
    })
  verdict
    .command('ratings')
    .description('all contenders by their shared tasks, in groups that cannot be told apart')
    .action(async () => {
      const { ratings, pairings } = await (await context().client()).ratings({})
      if (context().json) return context().document({ ratings, pairings })
      const figure = (value: number | null): string => (value === null ? '?' : value.toFixed(2))
      const rows = ratings.map((row) => [
        String(row.group),
        row.contender,
        figure(row.rating),
        `${figure(row.lower)} to ${figure(row.upper)}`,
        String(row.pairings),
      ])
      context().out(table([['group', 'contender', 'strength', '95%', 'pairings'], ...rows]))
    })
}

function addDigest(program: Command, context: () => Context): void {
  const digest = program.command('digest').description('what changed since the last digest')
  digest.action(async () => {
    const { week, items, text } = await (await context().client()).previewDigest({})
    if (context().json) return context().document({ week, items })
    context().out(items.length > 0 ? text : `Nothing changed in ${week}: no digest would be sent.`)
  })
  digest
    .command('send')
    .description('close this week now and send it; a week is never sent twice')
    .action(async () => {
      const found = await (await context().client()).sendDigest({})
      if (context().json) return context().document(found)
      context().out(found.sentence)
    })
  digest
    .command('subscribe')
    .description('ask an address whether it wants the digest')
    .argument('<email>')
    .action(async (email: string) => {
      const { sentence } = await (await context().client()).subscribe({ body: { email } })
      if (context().json) return context().document({ sentence })
      context().out(sentence)
    })
  digest
    .command('webhook')
    .description('post each digest, signed, to an address')
    .argument('<url>')
    .action(async (url: string) => {
      const found = await (await context().client()).addWebhook({ body: { url } })
      if (context().json) return context().document(found)
      context().out(`${found.subscription.id} posts to ${url}. Secret, shown once: ${found.secret}`)
    })
  digest
    .command('readers')
    .description('who receives the digest')
    .option('--end <id>', 'end one subscription')
    .action(async (options: { end?: string }) => {
      const client = await context().client()
      if (options.end) await client.endSubscription({ params: { id: options.end } })
      const { subscriptions } = await client.listSubscriptions({})
      if (context().json) return context().document({ subscriptions })
      context().out(table(subscriptions.map(({ id, kind, address, state }) => [id, kind, address, state])))
    })
}

async function showComparison(context: Context, a: string, b: string): Promise<void> {
  tellComparison(context, await (await context.client()).compare({ body: { a, b } }), `${await context.url()}/compare/`)
}

const share = ({ share: value, ship, skip, effectiveVotes }: PanelShare): string =>
  value === null
    ? '-'
    : `${Math.round(100 * value)}% (${ship} of ${ship + skip}, ~${effectiveVotes.toFixed(1)} independent)`

function tellComparison(context: Context, view: ComparisonView, base?: string): void {
  if (context.json) return context.document({ comparison: view })
  const { a, b, estimate, community } = view
  context.out(
    context.color.bold(view.words) +
      (estimate.opinion ? ' (opinion, not evidence)' : estimate.provisional ? ' (provisional)' : ''),
  )
  context.out(view.sentence)
  context.out(view.evidence)
  const cost = (micros: number | null): string => (micros === null ? '-' : money(micros))
  context.out(
    table([
      ['', a.name, b.name],
      ['category', a.category, b.category],
      ['panel', share(estimate.panelA), share(estimate.panelB)],
      ['community', community.words ?? '-', community.words === null ? '-' : ''],
      ['entry', a.entry ?? '-', b.entry ?? '-'],
      [
        view.kind === 'candidates'
          ? 'cost'
          : estimate.provisional
            ? '$ per change that passed'
            : '$ per shipped change',
        cost(estimate.cost.a),
        cost(estimate.cost.b),
      ],
    ]),
  )
  for (const sentence of view.whatWouldChange) context.out(sentence)
  if (base) context.talk(`${base}${view.slug}`)
}

async function showPanel(context: Context, id: string, trial: string | undefined): Promise<void> {
  const client = await context.client()
  const panel = await client.getPanel({ params: { id }, query: trial ? { trial } : {} })
  const { reviewers, forecasts } = await client.reviewers({})
  if (context.json) return context.document({ panel, reviewers, forecasts })
  context.out(
    `${panel.ship} ship, ${panel.skip} skip, ${panel.abstain} abstain (~${panel.effectiveVotes.toFixed(1)} independent votes)`,
  )
  for (const veto of panel.vetoes) context.out(`Veto: ${veto}`)
  for (const review of panel.reviews) {
    const { stance, engine, vote, changeMyMind, forecast, findings } = review
    context.out(`\n${context.color.bold(reviewerName(review))}: ${vote}\n${oneLine(wordsOf(review), 600)}`)
    for (const { path, line, sentence } of engine === 'rules' ? [] : findings)
      context.out(oneLine(`  ${path && `${path}${line === null ? '' : `:${line}`}: `}${sentence}`, 400))
    if (changeMyMind) context.out(`Would change its mind: ${oneLine(changeMyMind, 400)}`)
    if (forecast)
      context.out(
        `Forecast: ${forecast.claim} (${Math.round(forecast.probability * 100)}%) ${context.color.dim(forecasts.sentence)}`,
      )
    // Records are kept of the rules; a model's votes change with its prompt and version.
    if (engine !== 'rules') continue
    const record = reviewers.find((one) => one.stance === stance)
    context.out(context.color.dim(record?.sentence ?? 'No record yet.'))
  }
}
