// `seatrial diff` and `seatrial review`: every hunk beside its evidence; hunk by hunk like `git add -p`.
import { createInterface } from 'node:readline/promises'
import {
  type Evidence,
  type FileDiff,
  type Hunk,
  type LineComment,
  type PanelReport,
  type Pick as PickInput,
  wordsOf,
} from '@seatrial/protocol'
import type { Reply, taskRoutes } from '@seatrial/protocol/api'
import type { Client } from '@seatrial/protocol/client'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { hanging, oneLine, reviewerName, table } from '../format.ts'
import { drawHunk, fileHeading } from '../hunks.ts'
import { tellDecision } from './decide.ts'

type HunkNote = Reply<typeof taskRoutes.getHunkNotes>['notes'][number]

export function addReview(program: Command, context: () => Context): void {
  program
    .command('diff')
    .description('a candidate against its base, hunks named for `accept --hunk`')
    .argument('<task>')
    .option('-t, --trial <trial>', 'trial or contender (default: the recommended one)')
    .option('--against <id>', 'another trial or a checkpoint instead of the base')
    .option('--patch', 'a plain git patch')
    .option('--stat', 'only the list of files')
    .action(async (id: string, options: { trial?: string; against?: string; patch?: boolean; stat?: boolean }) => {
      const client = await context().client()
      const query = {
        ...(options.trial ? { trial: options.trial } : {}),
        ...(options.against ? { against: options.against } : {}),
      }
      if (options.patch) {
        const { patch } = await client.getPatch({ params: { id }, query })
        process.stdout.write(patch)
        return
      }
      const diff = await client.getDiff({ params: { id }, query })
      if (context().json) return context().document({ diff })
      for (const file of diff.files) {
        context().out(fileHeading(file, context()))
        if (!options.stat) for (const hunk of file.hunks) context().out(drawHunk(hunk, context()))
      }
    })
  program
    .command('review')
    .description('go through a candidate hunk by hunk, with the evidence beside it')
    .argument('<task>')
    .option('-t, --trial <trial>', 'trial or contender (default: the recommended one)')
    .action(async (id: string, options: { trial?: string }) => review(context(), id, options.trial))
}

async function review(context: Context, id: string, trial: string | undefined): Promise<void> {
  const client = await context.client()
  const query = trial ? { trial } : {}
  const call = { params: { id }, query }
  const [task, diff, evidence, panel, { notes }] = await Promise.all([
    client.getTask({ params: { id } }),
    client.getDiff(call),
    client.getEvidence(call),
    client.getPanel(call),
    client.getHunkNotes(call),
  ])
  if (context.json) return context.document({ task, diff, evidence, panel, notes })
  const { color } = context
  context.out(`${color.bold(oneLine(task.title))}  ${task.id}`)
  context.out(evidenceLines(evidence, panel, context))
  const noteOf = (hunk: Hunk): HunkNote | undefined => notes.find((note) => note.hunkId === hunk.id)
  if (!context.interactive) {
    for (const file of diff.files) {
      context.out(`\n${fileHeading(file, context)}`)
      for (const hunk of file.hunks) context.out(`${noteLine(noteOf(hunk), context)}${drawHunk(hunk, context)}`)
    }
    return context.talk(
      `\nDecide: seatrial accept ${task.id} [--hunk ID]   seatrial rework ${task.id} "..."   seatrial reject ${task.id}`,
    )
  }
  await decideHunkByHunk(context, client, task.id, trial, diff.files, noteOf)
}

function evidenceLines(evidence: Evidence, panel: PanelReport, context: Context): string {
  const { color } = context
  const bad = evidence.signals.filter((signal) => signal.verdict === 'bad')
  const unmeasured = evidence.signals.filter((signal) => signal.state !== 'measured').map((signal) => signal.kind)
  const checks = evidence.candidate.map((result) => [
    result.outcome === 'passed' ? color.green('✓') : color.red('✗'),
    result.name,
    oneLine(result.command, 60),
    `${(result.durationMs / 1000).toFixed(1)} s`,
  ])
  return [
    ...(evidence.stale ? [color.yellow('STALE: the candidate changed after these checks ran.')] : []),
    table(checks),
    ...evidence.signals
      .filter((signal) => signal.kind === 'tests' && signal.state === 'measured')
      .map((signal) => signal.sentence),
    ...bad.map((signal) => color.red(`! ${signal.sentence}`)),
    ...panel.reviews.map((each) =>
      hanging(`${reviewerName(each).padEnd(9)} ${each.vote.padEnd(7)} `, oneLine(wordsOf(each), 1000)),
    ),
    ...panel.vetoes.map((veto) => color.red(`veto: ${veto}`)),
    color.dim(`not measured: ${unmeasured.join(', ') || 'nothing'}`),
  ].join('\n')
}

function noteLine(note: HunkNote | undefined, { color }: Context): string {
  if (!note) return ''
  const parts = [
    note.risk === 'high' ? color.red('RISKY') : note.risk === 'medium' ? color.yellow('look closer') : '',
    note.coverage === 'not_measured' ? '' : note.coverage,
    note.why ?? '',
    ...note.findings,
  ].filter(Boolean)
  return parts.length > 0 ? `${parts.map((part) => oneLine(part, 140)).join(' · ')}\n` : ''
}

const keys = 'y take  n leave  c comment  a take this and the rest  d leave this and the rest  q stop without deciding'

async function decideHunkByHunk(
  context: Context,
  client: Client,
  id: string,
  trial: string | undefined,
  files: FileDiff[],
  noteOf: (hunk: Hunk) => HunkNote | undefined,
): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const parts = files.flatMap((file) =>
    file.hunks.length > 0 ? file.hunks.map((hunk) => ({ file, hunk })) : [{ file, hunk: null as Hunk | null }],
  )
  const taken = new Set<string>()
  const takenFiles = new Set<string>()
  const comments: LineComment[] = []
  const take = ({ file, hunk }: (typeof parts)[number]): void =>
    void (hunk ? taken.add(hunk.id) : takenFiles.add(file.path))
  let rest: 'y' | 'n' | null = null
  for (const [index, part] of parts.entries()) {
    const { file, hunk } = part
    if (rest === 'y') take(part)
    if (rest) continue
    context.out(`\n${fileHeading(file, context)}  (${index + 1} of ${parts.length})`)
    if (hunk) context.out(`${noteLine(noteOf(hunk), context)}${drawHunk(hunk, context)}`)
    for (let decided = false; !decided; ) {
      const answer = (await terminal.question('Take it [y,n,c,a,d,q,?]? ')).trim().toLowerCase()
      if (answer === 'q') return terminal.close()
      if (answer === 'c') {
        const text = (await terminal.question('Comment: ')).trim()
        if (text) comments.push({ path: file.path, line: hunk?.newStart ?? null, side: 'new', text })
        continue
      }
      decided = ['y', 'n', 'a', 'd'].includes(answer)
      if (!decided) context.talk(keys)
      if (answer === 'y' || answer === 'a') take(part)
      if (answer === 'a') rest = 'y'
      if (answer === 'd') rest = 'n'
    }
  }
  const trialId = trial ? { trialId: trial } : {}
  if (comments.length > 0) {
    const send = (
      await terminal.question(`Send ${comments.length} comments as one rework instead of accepting [y/N]? `)
    ).trim()
    if (send.toLowerCase() === 'y') {
      terminal.close()
      await client.rework({ params: { id }, body: { comments, ...trialId } })
      return context.talk(`Working on it again. Watch: seatrial watch ${id}`)
    }
  }
  terminal.close()
  if (taken.size + takenFiles.size === 0) return context.talk(`Nothing taken. Turn it down: seatrial reject ${id}`)
  const all = taken.size + takenFiles.size === parts.length
  const pick: PickInput = all ? { kind: 'all' } : { kind: 'some', files: [...takenFiles], hunks: [...taken] }
  tellDecision(context, await client.accept({ params: { id }, body: { pick, ...trialId } }))
}
