// The promise of accept, rework and undo as a property over random checkouts: a few cases in `npm test`, thousands by
// `npm run test:decisions`.
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AcceptInput, type Base, Refusal } from '@seatrial/protocol'
import fc from 'fast-check'
import { applyCandidate } from '../../server/decision/apply.ts'
import { undoApplied } from '../../server/decision/undo.ts'
import { commitTree, type Write } from '../../server/workspace/commit-tree.ts'
import { rawDiff } from '../../server/workspace/diff.ts'
import { git, line, toPath } from '../../server/workspace/git.ts'
import { makeRepo, type TestRepo } from '../../server/workspace/make-repo.ts'
import { fetchCommit, makeStore, type Store, storeOf } from '../../server/workspace/store.ts'
import { authored, type Case, cases, type Files, nameOf } from './cases.ts'

function put(repo: TestRepo, from: Files, to: Files, crlf: boolean): void {
  for (const name of Object.keys(from)) if (!to[name]) repo.write({ [name]: null })
  for (const [name, { text, exec }] of Object.entries(to)) {
    if (from[name]?.text === text && from[name]?.exec === exec) continue
    const content = crlf ? text.replaceAll('\n', '\r\n') : text
    repo.write({ [name]: exec ? { exec: content } : content })
  }
}

/** Every file of the checkout, byte for byte, with its executable bit. */
function disk(dir: string, below = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const entry of readdirSync(join(dir, below), { withFileTypes: true })) {
    const path = below ? `${below}/${entry.name}` : entry.name
    if (path === '.git') continue
    if (entry.isDirectory()) for (const [name, text] of disk(dir, path)) found.set(name, text)
    else if (entry.isSymbolicLink()) found.set(path, `-> ${readlinkSync(join(dir, path))}`)
    else found.set(path, `${statSync(join(dir, path)).mode & 0o100} ${readFileSync(join(dir, path), 'latin1')}`)
  }
  return found
}

const refs = (repo: TestRepo): string[] =>
  repo
    .git('for-each-ref', '--format=%(refname) %(objectname)')
    .split('\n')
    .filter((ref) => !ref.startsWith('refs/seatrial/'))

/** What accept may never touch unless a commit was asked for. */
const guarded = (repo: TestRepo) => ({
  index: readFileSync(join(repo.path, '.git/index')).toString('base64'),
  head: repo.git('rev-parse', 'HEAD'),
  branch: repo.git('symbolic-ref', 'HEAD'),
  refs: refs(repo),
  stash: repo.git('stash', 'list', '--format=%H'),
})

function fail(sentence: string): never {
  throw new Error(sentence)
}

function mustEqual(a: unknown, b: unknown, sentence: string): void {
  if (JSON.stringify(a) !== JSON.stringify(b)) fail(`${sentence}\nwas ${JSON.stringify(a)}\nis  ${JSON.stringify(b)}`)
}

interface Outcome {
  outcome: 'applied' | 'conflict' | 'nothing' | 'refused'
  undo: 'undone' | 'refused' | 'none'
}

interface World {
  repo: TestRepo
  storeDir: string
  base: Base
  input: Case
}

/** Plays many cases, a few at a time since a case mostly waits for git; answers how often each end was reached. */
export async function playAll(
  numRuns: number,
  seed: number,
  tell?: (sentence: string) => void,
): Promise<Map<string, number>> {
  const seen = new Map<string, number>()
  const queue = fc.sample(cases, { numRuns, seed })
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < queue.length) {
      const number = next++
      const input = queue[number] as Case
      const { outcome, undo } = await play(input).catch((error: unknown) => {
        next = queue.length
        throw new Error(`Case ${number} of seed ${seed}: ${(error as Error).message}\n${JSON.stringify(input)}`, {
          cause: error,
        })
      })
      for (const what of [`accept ${outcome}`, `undo ${undo}`]) seen.set(what, (seen.get(what) ?? 0) + 1)
      if (number % 200 === 199) tell?.(`${number + 1} of ${numRuns}: ${JSON.stringify(Object.fromEntries(seen))}`)
    }
  }
  await Promise.all([worker(), worker(), worker()])
  return seen
}

/** Plays one case through; throws when a line, a byte of the index, the stash or the order of lines is lost. */
async function play(input: Case): Promise<Outcome> {
  const root = mkdtempSync(join(tmpdir(), 'seatrial-safety-'))
  try {
    return await playIn(root, input)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function playIn(root: string, input: Case): Promise<Outcome> {
  const counter = { n: 0 }
  const base = baseOf(input)
  const repo = makeRepo({}, join(root, 'repo'))
  if (input.crlf) repo.git('config', 'core.autocrlf', 'true')
  put(repo, {}, base, input.crlf)
  repo.commit({}, 'base')
  const store = storeOf(root, 'p-safety')
  await makeStore(store, 'sha1')
  const head = repo.git('rev-parse', 'HEAD')
  await fetchCommit(store, repo.path, head)
  const tree = repo.git('rev-parse', 'HEAD^{tree}')
  const agent = authored(base, 'agent', input.agent, counter)
  for (let number = 0; number < input.agentNew; number++)
    agent[`agent ${number}.txt`] = { text: `agent ${counter.n++}\n`, exec: false }
  const reworked = authored(agent, 'reworked', input.rework, counter)
  work(repo, base, input, counter)

  const world: World = {
    repo,
    storeDir: store.git,
    base: { spec: { kind: 'commit', ref: 'HEAD' }, commit: head, tree, head, branch: 'main' },
    input,
  }
  const before = disk(repo.path)
  const guardedBefore = guarded(repo)
  const first = await acceptOne(world, 'd-first', await candidateTree(store, world.base, base, agent))
  // Whatever came of the first candidate, the one that came back from rework may be accepted on top of it.
  if (input.rework.length > 0) {
    const between = disk(repo.path)
    const second = await acceptOne(world, 'd-rework', await candidateTree(store, world.base, base, reworked))
    if (second === 'applied') {
      if (!(await undoOne(world, 'd-rework'))) fail('Undo of the rework was refused although nobody edited since.')
      mustEqual([...between], [...disk(repo.path)], 'Undo of the rework did not bring every byte back.')
    }
  }
  if (first !== 'applied') return { outcome: first, undo: 'none' }

  const later = laterEdits(repo, input, counter)
  const edited = disk(repo.path)
  const undone = await undoOne(world, 'd-first')
  const final = disk(repo.path)
  if (!undone) {
    mustEqual([...edited], [...final], 'A refused undo wrote something.')
    return { outcome: 'applied', undo: 'refused' }
  }
  if (!later) {
    mustEqual([...before], [...final], 'Undo did not bring every byte back.')
    mustEqual(guardedBefore.head, guarded(repo).head, 'Undo did not bring HEAD back.')
  }
  if (input.target === 'checkout') mustEqual(guardedBefore.index, guarded(repo).index, 'Undo changed the index.')
  for (const text of allLines(edited)) {
    if (text.startsWith('later') && !allLines(final).includes(text)) fail(`Undo lost a later line: ${text}`)
  }
  keepsOrder(before, final)
  return { outcome: 'applied', undo: 'undone' }
}

function baseOf(input: Case): Files {
  const base: Files = {}
  for (const [number, length] of input.files.entries()) {
    base[nameOf(number)] = { text: Array.from({ length }, (_, at) => `base ${number}.${at}\n`).join(''), exec: false }
  }
  return base
}

/** What the user did meanwhile: commits, a stash, staged and unstaged edits, new files. */
function work(repo: TestRepo, base: Files, input: Case, counter: { n: number }): void {
  const committed = authored(base, 'committed', input.committed, counter)
  put(repo, base, committed, input.crlf)
  if (input.committed.length > 0) repo.commit({}, 'mine')
  if (input.stash) {
    repo.write({ 'stashed.txt': 'stashed\n' })
    repo.git('add', 'stashed.txt')
    repo.git('stash', '-q', '--', 'stashed.txt')
  }
  const staged = authored(committed, 'staged', input.staged, counter)
  put(repo, committed, staged, input.crlf)
  repo.git('add', '-A')
  put(repo, staged, authored(staged, 'typed', input.typed, counter), input.crlf)
  for (let number = 0; number < input.untracked; number++) {
    writeFileSync(join(repo.path, `untracked ${number}.txt`), `untracked ${number}\n`)
  }
  if (input.untracked > 1) writeFileSync(join(repo.path, 'agent 0.txt'), 'mine, not the agent’s\n')
}

/** Accepts a candidate, twice when it applied, and holds the promise against what is there before and after. */
async function acceptOne(world: World, decisionId: string, candidate: string): Promise<Outcome['outcome']> {
  const { repo, storeDir, base, input } = world
  const files = await rawDiff(storeDir, base.tree, candidate)
  const hunks = files.flatMap((file) => file.hunks.map((hunk) => hunk.id))
  const pick =
    input.partial && hunks.length > 0
      ? { kind: 'some', hunks: [...new Set(input.partial.map((n) => hunks[n % hunks.length] as string))] }
      : { kind: 'all' }
  const before = { disk: disk(repo.path), guarded: guarded(repo) }
  const accept = () =>
    applyCandidate({
      storeDir,
      checkout: repo.path,
      base,
      candidateTree: candidate,
      decisionId,
      taskId: 't-case',
      title: 'Case',
      input: AcceptInput.parse({ pick, target: { kind: input.target }, onConflict: input.onConflict }),
    })
  const result = await accept().catch((error: unknown) => (error instanceof Refusal ? null : Promise.reject(error)))
  const after = { disk: disk(repo.path), guarded: guarded(repo) }
  const onBranch = result?.branch?.startsWith('seatrial/') ?? false
  if (result?.outcome !== 'applied' || onBranch) {
    mustEqual([...before.disk], [...after.disk], 'Files changed although nothing was applied.')
    mustEqual(before.guarded.index, after.guarded.index, 'The index changed although nothing was applied.')
  }
  if (input.target === 'checkout' || result?.outcome !== 'applied') {
    const heads = (list: string[]) => list.filter((ref) => !ref.startsWith('refs/heads/seatrial/'))
    mustEqual(
      { ...before.guarded, refs: heads(before.guarded.refs) },
      { ...after.guarded, refs: heads(after.guarded.refs) },
      'Index, HEAD, refs or stash changed.',
    )
  }
  mustEqual(before.guarded.stash, after.guarded.stash, 'The stash changed.')
  mustEqual(before.guarded.branch, after.guarded.branch, 'Another branch is checked out.')
  if (!result) return 'refused'
  if (result.outcome !== 'applied') return result.outcome
  keepsLines(before.disk, after.disk, new Set(result.files))
  mustEqual(await accept(), result, 'The second accept of one decision answered differently.')
  mustEqual([...after.disk], [...disk(repo.path)], 'The second accept of one decision wrote again.')
  return 'applied'
}

/** False when the undo was refused. */
const undoOne = ({ repo }: World, decisionId: string): Promise<boolean> =>
  undoApplied({ checkout: repo.path, decisionId }).then(
    () => true,
    (error: unknown) => (error instanceof Refusal ? false : Promise.reject(error)),
  )

/** A candidate as the house would have it: the tree of a commit on the base in its own store. */
async function candidateTree(store: Store, { commit, tree }: Base, base: Files, wanted: Files): Promise<string> {
  const writes: Write[] = Object.keys(base)
    .filter((name) => !wanted[name])
    .map((name) => ({ path: toPath(name), kind: 'gone' }))
  for (const [name, { text, exec }] of Object.entries(wanted)) {
    writes.push({ path: toPath(name), kind: 'content', mode: exec ? '100755' : '100644', content: Buffer.from(text) })
  }
  const made = await commitTree({
    gitDir: store.git,
    ref: 'refs/seatrial/case',
    parent: commit,
    baseTree: tree,
    writes,
    message: 'case',
  })
  return line(await git(['rev-parse', `${made.commit}^{tree}`], { gitDir: store.git }))
}

/** Lines the user types after the accept; answers whether there were any. */
function laterEdits(repo: TestRepo, input: Case, counter: { n: number }): boolean {
  let any = false
  for (const { file } of input.later) {
    const path = join(repo.path, nameOf(file))
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue
    const text = readFileSync(path, 'utf8')
    const end = text.includes('\r\n') || (input.crlf && text === '') ? '\r\n' : '\n'
    writeFileSync(path, `${text}later ${counter.n++}${end}`)
    any = true
  }
  return any
}

const linesOf = (text: string): string[] => text.replace(/^\d+ /, '').split(/\r?\n/).filter(Boolean)
const allLines = (files: Map<string, string>): string[] => [...files.values()].flatMap(linesOf)
/** Lines that only the user can have written. */
const isMine = (text: string): boolean => /^(committed|staged|typed|untracked|mine|stashed)/.test(text)

/** After an accept every line of the user's is there, in its order, and files it does not name are the same bytes. */
function keepsLines(before: Map<string, string>, after: Map<string, string>, named: Set<string>): void {
  for (const [path, text] of before) {
    if (!named.has(path) && after.get(path) !== text) fail(`${path} changed, and the result does not name it.`)
  }
  for (const path of after.keys()) {
    if (!before.has(path) && !named.has(path)) fail(`${path} appeared, and the result does not name it.`)
  }
  keepsOrder(before, after)
}

function keepsOrder(before: Map<string, string>, after: Map<string, string>): void {
  for (const [path, text] of before) {
    const mine = linesOf(text).filter(isMine)
    if (mine.length === 0) continue
    // A file may have been renamed by the candidate: its lines must be together in some file, in their order.
    const kept = [after.get(path), ...after.values()].some(
      (other) => other !== undefined && isSubsequence(mine, linesOf(other)),
    )
    if (!kept) fail(`Lines of the user's in ${path} were lost or reordered: ${JSON.stringify(mine)}`)
  }
}

function isSubsequence(part: string[], whole: string[]): boolean {
  let at = 0
  for (const text of whole) if (text === part[at]) at++
  return at === part.length
}
