// Watches what becomes of accepted changes by reading the users' repositories; nothing is ever written there.

import type { Diff, Outcome } from '@seatrial/protocol'
import { and, eq, inArray } from 'drizzle-orm'
import { append, transact } from '../../store/log.ts'
import { decision, outcome, project, task, trial } from '../../store/tables.ts'
import { type OutcomeKind, outcomeOf, type Sight } from '../../verdicts/outcome.ts'
import { type Checkout, openCheckout } from '../../workspace/checkout.ts'
import { line } from '../../workspace/git.ts'
import type { Rooms } from '../rooms.ts'

type DecisionRow = typeof decision.$inferSelect
/** Later than this nobody looks any more. */
const watchDays = 60
/** Lines shorter than this are everywhere. */
const tellingLength = 3

/** Looks once at every accepted change that is still open; answers with what was found. */
export async function watchOutcomes(rooms: Rooms, now = new Date()): Promise<Outcome[]> {
  const { db } = rooms.store
  const rows = await db
    .select({ decision, task, project, candidate: trial.candidate })
    .from(decision)
    .innerJoin(task, eq(task.id, decision.taskId))
    .innerJoin(project, eq(project.id, task.projectId))
    .innerJoin(trial, eq(trial.id, decision.trialId))
    .where(and(eq(decision.kind, 'accept'), eq(decision.state, 'applied')))
  const ids = rows.map((row) => row.decision.id)
  const known = ids.length === 0 ? [] : await db.select().from(outcome).where(inArray(outcome.decisionId, ids))
  const found: Outcome[] = []
  for (const row of rows) {
    const mine = known.filter(({ decisionId }) => decisionId === row.decision.id)
    const { base } = row.task
    if (!base || !row.candidate || mine.some(({ kind }) => kind !== 'merged')) continue
    if (now.getTime() - row.decision.at.getTime() > watchDays * 86_400_000) continue
    try {
      const diff = await rooms.workspaces.diff(row.project.id, base.tree, row.candidate.tree)
      const checkout = await openCheckout(row.project.path)
      const seen = mine.map(({ kind, ref, at }) => ({ kind: kind as OutcomeKind, ref, at }))
      const sight = await lookAt(checkout, row.decision, diff, base.head, seen, now)
      const next = sight && outcomeOf(sight)
      if (!next) continue
      const { id: decisionId, taskId, trialId } = row.decision
      await transact(db, async (tx) => {
        await tx
          .insert(outcome)
          .values({ decisionId, ...next })
          .onConflictDoNothing()
        await append(tx, { taskId, trialId }, [{ type: 'outcome.found', decisionId, kind: next.kind }])
      })
      found.push({ decisionId, kind: next.kind, ref: next.ref, at: next.at.toISOString() })
    } catch (error) {
      // A checkout that moved away says nothing; the others are looked at all the same.
      rooms.report(error as Error, `outcome of ${row.decision.id}`)
    }
  }
  return found
}

async function lookAt(
  checkout: Checkout,
  made: DecisionRow,
  diff: Diff,
  baseHead: string,
  known: Sight['known'],
  now: Date,
): Promise<Sight | null> {
  const merged = known.find(({ kind }) => kind === 'merged')
  const ref = merged?.ref ?? made.result?.commit ?? null
  const tip = await tipWith(checkout, ref)
  if (!tip) return null
  const reachable = ref !== null && (await isAncestor(checkout, ref, tip))
  const added = acceptedLines(made, diff)
  const share = await shareOf(checkout, tip, added)
  const [seconds = '0'] = line(await checkout.git(['show', '-s', '--format=%ct', tip])).split('\n')
  const from = reachable ? ref : baseHead
  const paths = [...added.keys()]
  const log = ['log', '--format=%H%x00%ct%x00%B%x01', ...(from ? [`${from}..${tip}`] : [tip]), '--', ...paths]
  const later = paths.length === 0 ? '' : (await checkout.git(log, { codes: [128] })).out.toString('utf8')
  return {
    acceptedAt: made.at,
    now,
    known,
    ref,
    reachable,
    tip,
    tipAt: new Date(Number(seconds) * 1000),
    share,
    later: later
      .split('\u0001')
      .map((each) => each.trim().split('\0'))
      .filter(([sha]) => sha)
      .map(([sha = '', at = '0', message = '']) => ({ sha, at: new Date(Number(at) * 1000), message })),
  }
}

/** The branch that has the commit: the current one if it does, else any; without a commit, the current one. */
async function tipWith(checkout: Checkout, ref: string | null): Promise<string | null> {
  const head = await checkout.git(['rev-parse', '--verify', '-q', 'HEAD'], { codes: [1, 128] })
  if (head.code !== 0) return null
  const current = line(head)
  if (ref === null || (await isAncestor(checkout, ref, current))) return current
  const args = ['for-each-ref', '--format=%(objectname)', '--contains', ref, 'refs/heads']
  const holders = line(await checkout.git(args, { codes: [1, 128, 129] }))
  return holders.split('\n')[0] || current
}

const isAncestor = async (checkout: Checkout, ref: string, tip: string): Promise<boolean> =>
  (await checkout.git(['merge-base', '--is-ancestor', ref, tip], { codes: [1, 128] })).code === 0

/** The lines a person took, by file. Files they rewrote by hand are left out: those lines are theirs. */
function acceptedLines(made: DecisionRow, diff: Diff): Map<string, string[]> {
  const { input } = made
  const edited = new Set(input?.edits.map(({ path }) => path) ?? [])
  const lines = new Map<string, string[]>()
  for (const file of diff.files) {
    if (edited.has(file.path)) continue
    const pick = input?.pick ?? { kind: 'all' as const }
    const whole = pick.kind === 'all' || pick.files.includes(file.path)
    const taken = file.hunks.filter(({ id }) => whole || (pick.kind === 'some' && pick.hunks.includes(id)))
    if (taken.length === 0) continue
    const added = taken.flatMap((hunk) =>
      hunk.lines.filter((each) => each.startsWith('+')).map((each) => each.slice(1)),
    )
    lines.set(
      file.path,
      added.map((each) => each.trim()).filter(({ length }) => length >= tellingLength),
    )
  }
  return lines
}

async function shareOf(checkout: Checkout, tip: string, added: Map<string, string[]>): Promise<number | null> {
  let total = 0
  let present = 0
  for (const [path, lines] of added) {
    if (lines.length === 0) continue
    const shown = await checkout.git(['show', `${tip}:${path}`], { codes: [128] })
    const have = new Set(
      shown.code === 0
        ? shown.out
            .toString('utf8')
            .split('\n')
            .map((each) => each.trim())
        : [],
    )
    total += lines.length
    present += lines.filter((each) => have.has(each)).length
  }
  return total === 0 ? null : present / total
}
