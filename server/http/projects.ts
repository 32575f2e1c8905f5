// Projects as rows: found by id, name or path, added when a path is new, their settings read anew each time.
import { realpathSync } from 'node:fs'
import { basename } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { newId, type Project, Refusal } from '@seatrial/protocol'
import { and, eq, isNull, or } from 'drizzle-orm'
import type { Rooms } from '../journey/rooms.ts'
import { findRepository } from '../project/find-repository.ts'
import { configFile, type ReadProject, readProject } from '../project/read-project.ts'
import { mistakeIn } from '../sandbox/egress-rules.ts'
import { project } from '../store/tables.ts'
import { toProject } from '../store/views.ts'

/** Adds the repository at a path, or reads the settings of the known one anew. */
export async function addProject(rooms: Rooms, path: string, name?: string): Promise<Project> {
  const root = await findRepository(path)
  const { settings, detectedFrom } = await readChecked(root)
  const values = { name: name ?? basename(root), path: root, settings, detectedFrom }
  const [row] = await rooms.store.db
    .insert(project)
    .values({ id: newId('project'), ...values })
    .onConflictDoUpdate({
      target: project.path,
      set: { settings, detectedFrom, removedAt: null, ...(name ? { name } : {}) },
    })
    .returning()
  if (!row) throw new Error('The project was not written')
  return toProject(row)
}

/** A host that never matches and a preset that does not exist would be found out in the middle of a trial. */
async function readChecked(root: string): Promise<ReadProject> {
  const read = await readProject(root)
  const mistake = mistakeIn(read.settings.egress)
  if (mistake !== null) throw new Refusal('unprocessable', `${configFile}: ${mistake}`)
  return read
}

/** The settings of a known project, read anew; written only when they changed. */
async function refresh(rooms: Rooms, row: typeof project.$inferSelect): Promise<Project> {
  const { settings, detectedFrom } = await readChecked(row.path)
  if (!isDeepStrictEqual({ settings, detectedFrom }, { settings: row.settings, detectedFrom: row.detectedFrom })) {
    await rooms.store.db.update(project).set({ settings, detectedFrom }).where(eq(project.id, row.id))
  }
  return toProject({ ...row, settings, detectedFrom })
}

/** The project meant by an id, name or path; a path that is new is added when `add` is set. */
export async function findProject(rooms: Rooms, text: string, add: boolean): Promise<Project> {
  const rows = await rooms.store.db
    .select()
    .from(project)
    .where(
      and(isNull(project.removedAt), or(eq(project.id, text), eq(project.name, text), eq(project.path, real(text)))),
    )
  const [row] = rows
  if (rows.length > 1)
    throw new Refusal('bad_request', `More than one project is called ${text}; name it by id or path.`)
  if (row) return add ? refresh(rooms, row) : toProject(row)
  if (add && text.startsWith('/')) return addProject(rooms, text)
  throw new Refusal('not_found', `There is no project ${text}; add it with \`seatrial project add PATH\`.`)
}

function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
