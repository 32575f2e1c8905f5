// The diff of two trees as people see it, with hunk ids to decide by.
import type { Candidate, Diff, FileDiff } from '@seatrial/protocol'
import { git, records, toText } from './git.ts'
import { diffArgs, parseDiff, type RawFile } from './patch.ts'
import { leadsOutside } from './safe-path.ts'
import { changesScripts, isCollapsed, isSensitive } from './sensitive.ts'

/** Files and hunks as bytes, for picking and applying. */
export async function rawDiff(gitDir: string, from: string, to: string, path?: string): Promise<RawFile[]> {
  const limit = path ? ['--', `:(literal)${path}`] : []
  return parseDiff((await git([...diffArgs, from, to, ...limit], { gitDir })).out)
}

export const readBlob = async (gitDir: string, sha: string): Promise<Buffer> =>
  (await git(['cat-file', 'blob', sha], { gitDir })).out

const statuses = { A: 'added', D: 'deleted', M: 'modified', R: 'renamed', C: 'copied', T: 'typechange' } as const
const noMode = '000000'

/** Whether taking a file of a candidate has to be asked for explicitly. */
export async function isSensitiveFile(gitDir: string, file: RawFile, globs: readonly string[]): Promise<boolean> {
  const paths = [file.path, ...(file.oldPath ? [file.oldPath] : [])].map(toText)
  if (paths.some((path) => isSensitive(path, globs))) return true
  if (file.newMode === '160000' || file.oldMode === '160000') return true
  if (file.newMode === '120000') {
    return leadsOutside(file.path, (await readBlob(gitDir, file.newSha)).toString('latin1'))
  }
  if (!paths.some((path) => /(^|\/)package\.json$/.test(path))) return false
  const side = (mode: string, sha: string) => (mode === noMode ? null : readBlob(gitDir, sha))
  return changesScripts(
    paths[0] as string,
    await side(file.oldMode, file.oldSha),
    await side(file.newMode, file.newSha),
  )
}

const count = (file: RawFile, sign: string): number =>
  file.hunks.reduce((sum, hunk) => sum + hunk.lines.filter((line) => line.startsWith(sign)).length, 0)

async function show(gitDir: string, file: RawFile, globs: readonly string[]): Promise<FileDiff> {
  const [added, removed] = [count(file, '+'), count(file, '-')]
  const path = toText(file.path)
  return {
    path,
    oldPath: file.oldPath === null ? null : toText(file.oldPath),
    status: statuses[file.status],
    oldMode: file.oldMode === noMode ? null : file.oldMode,
    newMode: file.newMode === noMode ? null : file.newMode,
    binary: file.binary,
    added,
    removed,
    hunks: file.hunks.map((hunk) => ({ ...hunk, section: toText(hunk.section), lines: hunk.lines.map(toText) })),
    collapsed: isCollapsed(path, added + removed),
    sensitive: await isSensitiveFile(gitDir, file, globs),
  }
}

/** The diff between two trees or commits. */
export async function diffTrees(
  gitDir: string,
  from: string,
  to: string,
  options: { path?: string; sensitive?: readonly string[] } = {},
): Promise<Diff> {
  const raw = await rawDiff(gitDir, from, to, options.path)
  const files: FileDiff[] = []
  for (const file of raw) files.push(await show(gitDir, file, options.sensitive ?? []))
  const sum = (key: 'added' | 'removed') => files.reduce((total, file) => total + file[key], 0)
  return { from, to, files, added: sum('added'), removed: sum('removed') }
}

/** The same as a git patch that `git apply` takes, binary files included. */
export async function patchOf(gitDir: string, from: string, to: string): Promise<string> {
  const args = diffArgs.filter((arg) => arg !== '--raw' && arg !== '-z')
  return (await git([...args, '--binary', from, to], { gitDir })).out.toString('utf8')
}

/** Size of a candidate. */
export async function measure(gitDir: string, from: string, commit: string): Promise<Candidate> {
  const numstat = await git(['diff-tree', '-r', '-M50%', '--numstat', '-z', from, commit], { gitDir })
  const total = { files: 0, added: 0, removed: 0 }
  for (const record of records(numstat.out, 'latin1')) {
    const found = /^(\d+|-)\t(\d+|-)\t/.exec(record)
    if (!found) continue
    total.files++
    total.added += Number.parseInt(found[1] as string, 10) || 0
    total.removed += Number.parseInt(found[2] as string, 10) || 0
  }
  const tree = (await git(['rev-parse', `${commit}^{tree}`], { gitDir })).out.toString('latin1').trim()
  return { commit, tree, ...total }
}
