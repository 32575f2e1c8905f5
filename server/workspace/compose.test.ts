// A candidate composed of others: hunks, and whole files of every kind that has no hunks; what cannot stand is refused.
import { join } from 'node:path'
import type { Base } from '@seatrial/protocol'
import { afterAll, expect, test } from 'vitest'
import { compose } from './compose.ts'
import { rawDiff } from './diff.ts'
import { type FileSpec, makeRepo } from './make-repo.ts'

const long = (change: Record<number, string> = {}) =>
  Array.from({ length: 30 }, (_, line) => `${change[line] ?? `line ${line}`}\n`).join('')
const repo = makeRepo({
  'text.ts': long(),
  'run.sh': 'echo\n',
  'old.ts': long({ 0: 'old' }),
  'gone.ts': 'gone\n',
  link: { link: 'text.ts' },
  place: 'a file\n',
  'folder/one.ts': 'one\n',
  'picture.bin': Buffer.from([0, 1, 2]),
})
afterAll(() => repo.remove())
const gitDir = join(repo.path, '.git')
const head = repo.git('rev-parse', 'HEAD')
const base: Base = { commit: head, tree: repo.git('rev-parse', 'HEAD^{tree}'), head } as Base

/** A tree with these changes on the base. */
function candidate(files: Record<string, FileSpec>): string {
  repo.commit(files)
  const tree = repo.git('rev-parse', 'HEAD^{tree}')
  repo.git('reset', '-q', '--hard', head)
  return tree
}

const all = async (tree: string): Promise<string[]> => (await rawDiff(gitDir, base.tree, tree)).map(({ path }) => path)
const take = (tree: string, ...files: string[]) => ({ tree, hunks: [] as string[], files })
const listed = (tree: string) => repo.git('ls-tree', '-r', tree)
const changes = (tree: string) => repo.git('diff-tree', '-r', '-M50%', '--name-status', base.tree, tree).split('\n')

const kinds: Record<string, { files: Record<string, FileSpec>; paths: string[] }> = {
  'a binary file': { files: { 'picture.bin': Buffer.from([9, 0]) }, paths: ['picture.bin'] },
  'a mode': { files: { 'run.sh': { exec: 'echo\n' } }, paths: ['run.sh'] },
  'a rename': { files: { 'old.ts': null, 'new.ts': long({ 0: 'old' }) }, paths: ['new.ts'] },
  'a rename by its old name': { files: { 'old.ts': null, 'new.ts': long({ 0: 'old' }) }, paths: ['old.ts'] },
  'a deletion': { files: { 'gone.ts': null }, paths: ['gone.ts'] },
  'an empty new file': { files: { 'empty.ts': '' }, paths: ['empty.ts'] },
  'a new link': { files: { 'to/there': { link: '../text.ts' } }, paths: ['to/there'] },
  'a link that points elsewhere': { files: { link: { link: 'run.sh' } }, paths: ['link'] },
  'a link that becomes a file': { files: { link: 'text\n' }, paths: ['link'] },
  'a file that becomes a link': { files: { 'gone.ts': { link: 'text.ts' } }, paths: ['gone.ts'] },
  'a file that becomes a folder': {
    files: { place: null, 'place/in.ts': 'in\n' },
    paths: ['place', 'place/in.ts'],
  },
  'a folder that becomes a file': { files: { folder: 'now a file\n' }, paths: ['folder', 'folder/one.ts'] },
}

test.each(Object.entries(kinds))('%s is taken as a whole, and nothing else with it', async (_, { files, paths }) => {
  const alone = candidate(files)
  const more = candidate({ ...files, 'text.ts': long({ 3: 'not taken' }), 'other.ts': 'not taken\n' })
  const other = candidate({ 'text.ts': long({ 20: 'of the other' }) })
  const [hunk] = (await rawDiff(gitDir, base.tree, other)).flatMap(({ hunks }) => hunks.map(({ id }) => id))
  const made = await compose(gitDir, base, [take(more, ...paths), { tree: other, hunks: [hunk as string], files: [] }])
  expect(changes(made.tree)).toEqual([...changes(alone), 'M\ttext.ts'].sort(byPath))
  expect(repo.git('show', `${made.tree}:text.ts`)).toBe(long({ 20: 'of the other' }).trimEnd())
  const untouched = listed(made.tree)
    .split('\n')
    .filter((line) => !line.endsWith('\ttext.ts'))
  expect(untouched).toEqual(
    listed(alone)
      .split('\n')
      .filter((line) => !line.endsWith('\ttext.ts')),
  )
})
const byPath = (a: string, b: string): number => ((a.split('\t')[1] ?? '') < (b.split('\t')[1] ?? '') ? -1 : 1)

test('all files of one candidate are that candidate', async () => {
  const everything = Object.assign({}, ...Object.values(kinds).map(({ files }) => files), {
    'text.ts': long({ 7: 'x' }),
  })
  const tree = candidate(everything)
  expect((await compose(gitDir, base, [take(tree, ...(await all(tree)))])).tree).toBe(tree)
})

test('two picks of one candidate count as one', async () => {
  const tree = candidate({ place: null, 'place/in.ts': 'in\n' })
  expect((await compose(gitDir, base, [take(tree, 'place'), take(tree, 'place/in.ts')])).tree).toBe(tree)
})

test('a mode of one and hunks of another, and the same rename with other hunks, go together', async () => {
  const moved = (change: Record<number, string>) => ({ 'old.ts': null, 'new.ts': long({ 0: 'old', ...change }) })
  const [one, two] = [
    candidate({ 'run.sh': { exec: 'echo\n' }, ...moved({ 5: 'five' }) }),
    candidate({ 'run.sh': 'echo more\n', ...moved({ 25: 'twenty-five' }) }),
  ]
  const made = await compose(gitDir, base, [take(one, 'run.sh', 'new.ts'), take(two, 'run.sh', 'new.ts')])
  expect(made.tree).toBe(candidate({ 'run.sh': { exec: 'echo more\n' }, ...moved({ 5: 'five', 25: 'twenty-five' }) }))
})

const clashes: Record<string, [Record<string, FileSpec>, Record<string, FileSpec>, RegExp]> = {
  'two binaries': [
    { 'picture.bin': Buffer.from([9, 0]) },
    { 'picture.bin': Buffer.from([8, 0]) },
    /binary in more than one/,
  ],
  'deleted and changed': [{ 'gone.ts': null }, { 'gone.ts': 'kept\n' }, /removed.* in more than one/],
  'moved and changed': [
    { 'old.ts': null, 'new.ts': long({ 0: 'old' }) },
    { 'old.ts': long({ 0: 'old', 9: 'x' }) },
    /old\.ts is moved in one pick/,
  ],
  'moved to two places': [
    { 'old.ts': null, 'new.ts': long({ 0: 'old' }) },
    { 'old.ts': null, 'newer.ts': long({ 0: 'old' }) },
    /old\.ts is moved in one pick/,
  ],
  'moved and deleted': [
    { 'old.ts': null, 'new.ts': long({ 0: 'old' }) },
    { 'old.ts': null },
    /old\.ts is moved in one pick/,
  ],
  'a file and a folder': [{ extra: 'file\n' }, { 'extra/in.ts': 'in\n' }, /extra is a file in one pick and a folder/],
}

test.each(Object.entries(clashes))('%s are refused with the path', async (_, [first, second, sentence]) => {
  const picks = []
  for (const tree of [candidate(first), candidate(second)]) picks.push(take(tree, ...(await all(tree))))
  await expect(compose(gitDir, base, picks)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(sentence),
  })
})

test('a file that stands where a folder was needs the folder gone too', async () => {
  const tree = candidate({ folder: 'now a file\n' })
  await expect(compose(gitDir, base, [take(tree, 'folder')])).rejects.toThrow(/stands where folder\/one\.ts was/)
  const other = candidate({ place: null, 'place/in.ts': 'in\n' })
  await expect(compose(gitDir, base, [take(other, 'place/in.ts')])).rejects.toThrow(/stands where place was/)
})

test('nothing picked, and a path that is not in the diff, are refused', async () => {
  const tree = candidate({ 'gone.ts': null })
  await expect(compose(gitDir, base, [take(tree)])).rejects.toMatchObject({ code: 'bad_request' })
  await expect(compose(gitDir, base, [take(tree, 'text.ts')])).rejects.toMatchObject({ code: 'not_found' })
})
