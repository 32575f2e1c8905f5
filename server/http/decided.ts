// What people decided, as training material: the prompt, the candidate's patch, and what they kept of it.
import type { AcceptInput, Diff, TuneExample } from '@seatrial/protocol'
import { eq } from 'drizzle-orm'
import type { Rooms } from '../journey/rooms.ts'
import { decision, project, task, trial } from '../store/tables.ts'

/** Accepted, edited and turned-down candidates of all projects, oldest first. Decisions taken back do not count. */
export async function decidedExamples(rooms: Rooms): Promise<TuneExample[]> {
  const rows = await rooms.store.db
    .select({ decision, trial, task, project })
    .from(decision)
    .innerJoin(trial, eq(trial.id, decision.trialId))
    .innerJoin(task, eq(task.id, decision.taskId))
    .innerJoin(project, eq(project.id, task.projectId))
    .orderBy(decision.at)
  const examples: TuneExample[] = []
  for (const { decision: made, trial: tried, task: asked, project: home } of rows) {
    const { base } = asked
    if (made.state === 'undone' || !base || !tried.candidate) continue
    const { tree } = tried.candidate
    const diff = await rooms.workspaces.patch(home.id, base.tree, tree)
    const whole = await rooms.workspaces.diff(home.id, base.tree, tree)
    const readBase = async (path: string) => {
      const bytes = await rooms.workspaces.readFile(home.id, base.tree, path)
      return bytes ? new TextDecoder().decode(bytes) : ''
    }
    const edited = made.kind === 'accept' && made.input ? await keptOf(whole, made.input, readBase) : null
    examples.push({
      id: made.id,
      project: home.name,
      base: base.commit,
      contender: tried.contender,
      prompt: asked.prompt,
      messages: [],
      tools: [],
      verdict: made.kind !== 'accept' ? 'rejected' : edited === null ? 'accepted' : 'edited',
      diff,
      edited,
      reason: made.reason,
      at: made.at.toISOString(),
    })
  }
  return examples
}

/** The patch that was kept, or null when it is the whole candidate as it came. */
async function keptOf(
  diff: Diff,
  input: AcceptInput,
  readBase: (path: string) => Promise<string>,
): Promise<string | null> {
  const { pick, edits } = input
  if (pick.kind === 'all' && edits.length === 0) return null
  const edited = new Set(edits.map(({ path }) => path))
  const parts: string[] = []
  for (const file of diff.files) {
    if (edited.has(file.path)) continue
    const all = pick.kind === 'all' || pick.files.includes(file.path)
    const hunks = file.hunks.filter(({ id }) => all || (pick.kind === 'some' && pick.hunks.includes(id)))
    if (hunks.length === 0) continue
    const text = hunks.map(
      (hunk) => `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@\n${hunk.lines.join('\n')}`,
    )
    parts.push(`--- a/${file.oldPath ?? file.path}\n+++ b/${file.path}\n${text.join('\n')}\n`)
  }
  for (const { path, text } of edits) parts.push(replacement(path, await readBase(path), text))
  return parts.join('')
}

/** A patch that replaces a file as a whole: longer than need be, and never wrong. */
function replacement(path: string, before: string, after: string): string {
  const lines = (text: string, sign: string) =>
    text === ''
      ? []
      : text
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => sign + line)
  const [old, fresh] = [lines(before, '-'), lines(after, '+')]
  const head = `@@ -${old.length ? 1 : 0},${old.length} +${fresh.length ? 1 : 0},${fresh.length} @@`
  return `--- a/${path}\n+++ b/${path}\n${[head, ...old, ...fresh].join('\n')}\n`
}
