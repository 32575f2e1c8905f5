// The promise of accept and undo as a property over random checkouts; run by the unit test, and at length by tests/decision-safety.
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AcceptInput, type Base, Refusal } from '@seatrial/protocol'
import fc from 'fast-check'
import { commitTree, type Write } from '../workspace/commit-tree.ts'
import { rawDiff } from '../workspace/diff.ts'
import { git, line, toPath } from '../workspace/git.ts'
import { makeRepo, type TestRepo } from '../workspace/make-repo.ts'
import { fetchCommit, makeStore, type Store, storeOf } from '../workspace/store.ts'
import { applyCandidate } from './apply.ts'
import { undoApplied } from './undo.ts'

/** One edit of a file: lines inserted, replaced or removed at a place (a fraction of the file). */
interface LineEdit {
  at: number
  remove: number
  insert: number
}
type FileEdit = { kind: 'lines'; edits: LineEdit[] } | { kind: 'delete' } | { kind: 'rewrite' } | { kind: 'exec' }

interface Case {
  files: number[]
  crlf: boolean
  agent: { file: number; edit: FileEdit }[]
  agentNew: number
  committed: { file: number; edit: FileEdit }[]
  staged: { file: number; edit: FileEdit }[]
  typed: { file: number; edit: FileEdit }[]
  untracked: number
  stash: boolean
  partial: number[] | null
  target: 'checkout' | 'commit'
  onConflict: 'refuse' | 'branch' | 'markers'
  later: { file: number; edit: FileEdit }[]
}

const lineEdit = fc.record({ at: fc.nat(99), remove: fc.nat(3), insert: fc.nat(3) })
const fileEdit: fc.Arbitrary<FileEdit> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('lines' as const),
      edits: fc.array(lineEdit, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'delete' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'rewrite' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'exec' as const }) },
)
const edits = (maxLength: number) => fc.array(fc.record({ file: fc.nat(3), edit: fileEdit }), { maxLength })

const cases: fc.Arbitrary<Case> = fc.record({
  files: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 2, maxLength: 4 }),
  crlf: fc.boolean(),
  agent: fc.array(fc.record({ file: fc.nat(3), edit: fileEdit }), { minLength: 1, maxLength: 3 }),
  agentNew: fc.nat(2),
  committed: edits(2),
  staged: edits(2),
  typed: edits(2),
  untracked: fc.nat(2),
  stash: fc.boolean(),
  partial: fc.option(fc.array(fc.nat(5), { minLength: 1, maxLength: 3 })),
  target: fc.constantFrom('checkout', 'checkout', 'checkout', 'commit'),
  onConflict: fc.constantFrom('refuse', 'refuse', 'branch', 'markers'),
  later: edits(1),
})

type Files = Record<string, { text: string; exec: boolean }>
const nameOf = (number: number): string => ['a.txt', 'dir/b.txt', 'dir/deep er/c.txt', 'd ü.txt'][number % 4] as string

/** Every line an author writes is unlike any other, so that a lost or moved line cannot hide. */
function authored(
  files: Files,
  author: string,
  list: { file: number; edit: FileEdit }[],
  counter: { n: number },
): Files {
  const next: Files = { ...files }
  for (const { file, edit } of list) {
    const name = nameOf(file)
    const old = next[name]
    if (!old) continue
    if (edit.kind === 'delete') delete next[name]
    else if (edit.kind === 'exec') next[name] = { ...old, exec: !old.exec }
    else if (edit.kind === 'rewrite') next[name] = { ...old, text: `${author} ${counter.n++}\n` }
    else {
      const lines = old.text.split('\n').slice(0, -1)
      for (const { at, remove, insert } of edit.edits) {
        const from = Math.floor((at / 100) * (lines.length + 1))
        lines.splice(from, remove, ...Array.from({ length: insert }, () => `${author} ${counter.n++}`))
      }
      next[name] = { ...old, text: lines.map((text) => `${text}\n`).join('') }
    }
  }
  return next
}

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
  const base: Files = {}
  for (const [number, length] of input.files.entries()) {
    base[nameOf(number)] = { text: Array.from({ length }, (_, at) => `base ${number}.${at}\n`).join(''), exec: false }
  }
  const repo = makeRepo({}, join(root, 'repo'))
  if (input.crlf) repo.git('config', 'core.autocrlf', 'true')
  put(repo, {}, base, input.crlf)
  repo.commit({}, 'base')
  const store = storeOf(root, 'p-safety')
  await makeStore(store, 'sha1')
  const head = repo.git('rev-parse', 'HEAD')
  await fetchCommit(store, repo.path, head)
  const tree = repo.git('rev-parse', 'HEAD^{tree}')
  const candidate = await candidateTree(store, head, tree, base, input, counter)

  let mine = authored(base, 'committed', input.committed, counter)
  put(repo, base, mine, input.crlf)
  if (input.committed.length > 0) repo.commit({}, 'mine')
  if (input.stash) {
    repo.write({ 'stashed.txt': 'stashed\n' })
    repo.git('add', 'stashed.txt')
    repo.git('stash', '-q', '--', 'stashed.txt')
  }
  const staged = authored(mine, 'staged', input.staged, counter)
  put(repo, mine, staged, input.crlf)
  repo.git('add', '-A')
  mine = authored(staged, 'typed', input.typed, counter)
  put(repo, staged, mine, input.crlf)
  for (let number = 0; number < input.untracked; number++) {
    writeFileSync(join(repo.path, `untracked ${number}.txt`), `untracked ${number}\n`)
  }
  if (input.untracked > 1) writeFileSync(join(repo.path, 'agent 0.txt'), 'mine, not the agent’s\n')

  const files = await rawDiff(store.git, tree, candidate)
  const hunks = files.flatMap((file) => file.hunks.map((hunk) => hunk.id))
  const pick =
    input.partial && hunks.length > 0
      ? { kind: 'some', hunks: [...new Set(input.partial.map((n) => hunks[n % hunks.length] as string))] }
      : { kind: 'all' }
  const before = { disk: disk(repo.path), guarded: guarded(repo) }
  const baseRow: Base = { spec: { kind: 'commit', ref: 'HEAD' }, commit: head, tree, head, branch: 'main' }
  const accept = () =>
    applyCandidate({
      storeDir: store.git,
      checkout: repo.path,
      base: baseRow,
      candidateTree: candidate,
      decisionId: 'd-case',
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
  if (!result) return { outcome: 'refused', undo: 'none' }
  if (result.outcome !== 'applied') return { outcome: result.outcome, undo: 'none' }
  keepsLines(before.disk, after.disk, new Set(result.files))
  mustEqual(await accept(), result, 'The second accept of one decision answered differently.')
  mustEqual([...after.disk], [...disk(repo.path)], 'The second accept of one decision wrote again.')

  const later = laterEdits(repo, input, counter)
  const edited = disk(repo.path)
  const undone = await undoApplied({ checkout: repo.path, decisionId: 'd-case' }).then(
    () => true,
    (error: unknown) => (error instanceof Refusal ? false : Promise.reject(error)),
  )
  const final = disk(repo.path)
  if (!undone) {
    mustEqual([...edited], [...final], 'A refused undo wrote something.')
    return { outcome: 'applied', undo: 'refused' }
  }
  if (!later) {
    mustEqual([...before.disk], [...final], 'Undo did not bring every byte back.')
    mustEqual(before.guarded.head, guarded(repo).head, 'Undo did not bring HEAD back.')
  }
  if (input.target === 'checkout') mustEqual(before.guarded.index, guarded(repo).index, 'Undo changed the index.')
  for (const text of allLines(edited)) {
    if (text.startsWith('later') && !allLines(final).includes(text)) fail(`Undo lost a later line: ${text}`)
  }
  keepsOrder(before.disk, final)
  return { outcome: 'applied', undo: 'undone' }
}

async function candidateTree(
  store: Store,
  head: string,
  tree: string,
  base: Files,
  input: Case,
  counter: { n: number },
): Promise<string> {
  const agent = authored(base, 'agent', input.agent, counter)
  for (let number = 0; number < input.agentNew; number++)
    agent[`agent ${number}.txt`] = { text: `agent ${counter.n++}\n`, exec: false }
  const writes: Write[] = Object.keys(base)
    .filter((name) => !agent[name])
    .map((name) => ({ path: toPath(name), kind: 'gone' }))
  for (const [name, { text, exec }] of Object.entries(agent)) {
    writes.push({ path: toPath(name), kind: 'content', mode: exec ? '100755' : '100644', content: Buffer.from(text) })
  }
  const made = await commitTree({
    gitDir: store.git,
    ref: 'refs/seatrial/case',
    parent: head,
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
