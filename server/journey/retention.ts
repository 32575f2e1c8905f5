// What of the data folder may go: workspaces, layers, snapshots, parcels and logs past their time, never what a person
// has not decided on. The same list is shown by a dry run and removed by a sweep.
import { open, stat, statfs, truncate } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type TaskState, type TrialState, trialEnded } from '@seatrial/protocol'
import { eq, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { Db } from '../store/database.ts'
import { parcel, parcelPart } from '../store/parcel-tables.ts'
import { project, task, trial } from '../store/tables.ts'
import { takeTurn } from './chore.ts'
import type { Rooms } from './rooms.ts'

export interface Removable {
  kind: string
  id: string
  bytes: number
  sentence: string
  /** False when somebody needs it by now. */
  remove(): Promise<boolean>
}

const dayMs = 86_400_000
/** Time to look around in a workspace, and to undo or rework from a snapshot, after the decision. */
const usual = { workspaceMs: dayMs, snapshotMs: 30 * dayMs }
/** When a person asks for room, or the disk is nearly full: what can be made again goes at once. */
const atOnce = { workspaceMs: 0, snapshotMs: usual.snapshotMs }
const lowDiskBytes = 2 * 1024 ** 3
const mostLogBytes = 8 * 1024 * 1024
const keptLogBytes = 2 * 1024 * 1024
const sweepEveryMs = 60 * 60_000
const lookEveryMs = 60_000

/** Work goes on, or a person is still to decide. */
const openStates: TaskState[] = ['queued', 'working', 'waiting', 'applying']
/** A failed task can still be taken up again, so its snapshots wait as well. */
const undecidedStates: TaskState[] = [...openStates, 'failed']

const why: Record<string, string> = {
  workspace: 'Its task is decided or failed; its snapshots stay.',
  layer: 'No workspace stands on it and it is not the newest of its project.',
  snapshots: 'Its task was decided more than 30 days ago.',
  parcels: 'Its task was decided more than 30 days ago.',
  store: 'Its project was removed.',
}

/** Everything that may go now. `asked` means that a person wants room. */
export async function removable(rooms: Rooms, asked: boolean): Promise<Removable[]> {
  const { db } = rooms.store
  const ages = asked || (await diskIsLow(rooms.config.dataDir)) ? atOnce : usual
  const keep = await needed(db, ages)
  const found = await rooms.workspaces.garbage({ trials: keep.workspace, projects: keep.store })
  const items = [...found, ...(await oldParcels(db))]
    .filter(({ kind, id }) => !isNeeded(keep, kind, id))
    .map(
      (item): Removable => ({
        ...item,
        sentence: why[item.kind] ?? 'Nobody needs it any more.',
        // To measure all and remove what came before took its time: a trial may have begun or gone on meanwhile.
        remove: async () => !isNeeded(await needed(db, ages, scopeOf(item)), item.kind, item.id) && item.remove(),
      }),
    )
  return [...items, ...(await longLogs(rooms.config.dataDir))]
}

/** Ids by the kind of what has to stay for them; `layer` are projects in which a trial is being prepared. */
type Needed = Record<'workspace' | 'snapshots' | 'parcels' | 'store' | 'layer', Set<string>>

async function needed(db: Db, ages: typeof usual, scope?: SQL): Promise<Needed> {
  const rows = await db
    .select({
      id: trial.id,
      state: trial.state,
      projectId: task.projectId,
      taskState: task.state,
      decidedAt: task.updatedAt,
    })
    .from(trial)
    .innerJoin(task, eq(trial.taskId, task.id))
    .where(scope)
  const now = Date.now()
  const [workspace, snapshots, store, layer] = [newSet(), newSet(), newSet(), newSet()]
  for (const row of rows) {
    const taskState = row.taskState as TaskState
    const trialState = row.state as TrialState
    const ageMs = now - row.decidedAt.getTime()
    const busy = openStates.includes(taskState) || !trialEnded(trialState)
    if (busy || ageMs < ages.workspaceMs) workspace.add(row.id)
    if (busy || undecidedStates.includes(taskState) || ageMs < ages.snapshotMs) snapshots.add(row.id)
    if (undecidedStates.includes(taskState)) store.add(row.projectId)
    // It may stand on any layer of its project in a moment.
    if (['queued', 'preparing'].includes(trialState)) layer.add(row.projectId)
  }
  const known = await db.select({ id: project.id }).from(project).where(isNull(project.removedAt))
  for (const { id } of known) store.add(id)
  const own = { workspace: withTheirOwn(workspace), snapshots: withTheirOwn(snapshots) }
  return { ...own, parcels: own.snapshots, store, layer }
}

const newSet = (): Set<string> => new Set()

/** The trials that may need one thing. */
function scopeOf({ kind, id }: { kind: string; id: string }): SQL {
  const [first = '', second = ''] = id.split('/')
  if (kind === 'layer' || kind === 'store') return eq(task.projectId, first)
  return eq(trial.id, (kind === 'snapshots' ? second : first).replace(ofTheirOwn, ''))
}

function isNeeded(keep: Needed, kind: string, id: string): boolean {
  const [first = '', second = ''] = id.split('/')
  return keep[kind as keyof Needed]?.has(kind === 'snapshots' ? second : first) ?? false
}

/** Removes item by item; one that resists is told and does not keep the others. */
export async function remove(rooms: Rooms, items: Removable[]): Promise<Removable[]> {
  const removed: Removable[] = []
  for (const item of items) {
    await item.remove().then(
      (done) => done && removed.push(item),
      (error: Error) => rooms.report(error, `removing ${item.kind} ${item.id}`),
    )
  }
  return removed
}

/** Sweeps once an hour per data folder; returns what ends it. */
export function startRetention(rooms: Rooms): void {
  const name = `retention ${hostname()} ${rooms.config.dataDir}`
  const look = async (): Promise<void> => {
    if (await takeTurn(rooms.store.db, name, sweepEveryMs)) await remove(rooms, await removable(rooms, false))
  }
  const timer = setInterval(() => void look().catch((error: Error) => rooms.report(error, 'retention')), lookEveryMs)
  timer.unref()
  rooms.stopping.addEventListener('abort', () => clearInterval(timer), { once: true })
}

/** A trial's checks and comparisons have workspaces named after it. */
const theirOwn = ['base', 'matrix']
const ofTheirOwn = new RegExp(`-(${theirOwn.join('|')})$`)
const withTheirOwn = (trials: Set<string>): Set<string> =>
  new Set([...trials].flatMap((id) => [id, ...theirOwn.map((name) => `${id}-${name}`)]))

async function diskIsLow(dir: string): Promise<boolean> {
  const disk = await statfs(dir)
  return disk.bavail * disk.bsize < lowDiskBytes
}

/** Parcels of trials, needed as long as snapshots are; those of bases stay, because later ones stand on them. */
async function oldParcels(db: Db): Promise<Omit<Removable, 'sentence'>[]> {
  const rows = await db
    .select({ trialId: parcel.trialId, bytes: sql<number>`sum(length(${parcelPart.bytes}))`.mapWith(Number) })
    .from(parcel)
    .innerJoin(parcelPart, eq(parcelPart.parcelId, parcel.id))
    .where(lt(parcel.at, new Date(Date.now() - usual.snapshotMs)))
    .groupBy(parcel.trialId)
  return rows.flatMap(({ trialId, bytes }) => {
    if (trialId === null) return []
    const remove = async () => {
      await db.delete(parcel).where(eq(parcel.trialId, trialId))
      return true
    }
    return [{ kind: 'parcels', id: trialId, bytes, remove }]
  })
}

/** Logs that grew too long are cut to their newest part. */
async function longLogs(dataDir: string): Promise<Removable[]> {
  const items: Removable[] = []
  for (const name of ['house.log', 'house.out']) {
    const path = join(dataDir, name)
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    )
    if (size <= mostLogBytes) continue
    const sentence = `It is longer than ${mostLogBytes / 1024 ** 2} MB; its newest ${keptLogBytes / 1024 ** 2} MB stay.`
    items.push({
      kind: 'log',
      id: name,
      bytes: size - keptLogBytes,
      sentence,
      remove: () => cutLog(path, size).then(() => true),
    })
  }
  return items
}

/** In place, because the process that writes it has it open. */
async function cutLog(path: string, size: number): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const kept = Buffer.alloc(keptLogBytes)
    const { bytesRead } = await file.read(kept, 0, keptLogBytes, size - keptLogBytes)
    await file.write(kept, 0, bytesRead, 0)
    await truncate(path, bytesRead)
  } finally {
    await file.close()
  }
}
