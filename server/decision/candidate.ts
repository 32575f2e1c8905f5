// The change a person chose, as a commit in the house's store: picked files and hunks, with their own edits on top.
import { type AcceptInput, type Base, Refusal } from '@seatrial/protocol'
import { commitTree, type Write } from '../workspace/commit-tree.ts'
import { isSensitiveFile, rawDiff } from '../workspace/diff.ts'
import { git, records, toPath, toText } from '../workspace/git.ts'
import { choose, writesOf } from '../workspace/pick.ts'
import { isSafePath } from '../workspace/safe-path.ts'
import { isSensitive } from '../workspace/sensitive.ts'

interface Choice {
  storeDir: string
  base: Base
  candidateTree: string
  decisionId: string
  title: string
  input: AcceptInput
  /** Globs of paths that ask besides the built-in ones. */
  sensitive: readonly string[]
}

/** The commit, on top of the base; null when nothing was chosen. Refuses sensitive files that were not allowed. */
export async function chosenCommit(choice: Choice): Promise<{ commit: string; paths: string[] } | null> {
  const { storeDir, base, input } = choice
  const files = await rawDiff(storeDir, base.tree, choice.candidateTree)
  const taken = choose(files, input.pick)
  if (!input.allowSensitive) {
    const asking: string[] = input.edits.map(({ path }) => path).filter((path) => isSensitive(path, choice.sensitive))
    for (const { file } of taken) {
      if (await isSensitiveFile(storeDir, file, choice.sensitive)) asking.push(toText(file.path))
    }
    if (asking.length > 0) {
      const list = [...new Set(asking)].join(', ')
      throw new Refusal('unprocessable', `${list}: sensitive files are only taken when you allow them explicitly.`)
    }
  }
  const writes = [...(await writesOf(storeDir, taken)), ...(await editsOf(choice))]
  const unsafe = writes.find(({ path }) => !isSafePath(path))
  if (unsafe) throw new Refusal('forbidden', `${toText(unsafe.path)} is not a path a candidate may write to.`)
  const made = await commitTree({
    gitDir: storeDir,
    ref: `refs/seatrial/decisions/${choice.decisionId}`,
    parent: base.commit,
    baseTree: base.tree,
    writes,
    message: choice.title,
  })
  if (made.tree === base.tree) return null
  const names = ['diff-tree', '-r', '-z', '--no-renames', '--name-only', base.tree, made.tree]
  return { commit: made.commit, paths: records((await git(names, { gitDir: storeDir })).out, 'latin1') }
}

async function editsOf({ storeDir, candidateTree, input }: Choice): Promise<Write[]> {
  const writes: Write[] = []
  for (const { path, text } of input.edits) {
    const name = toPath(path)
    if (!isSafePath(name)) throw new Refusal('forbidden', `${path} is not a path inside the project.`)
    const listed = await git(['ls-tree', '-z', '--full-tree', candidateTree, '--', `:(literal)${path}`], {
      gitDir: storeDir,
    })
    const mode = listed.out.toString('latin1').slice(0, 6) || '100644'
    if (mode === '120000' || mode === '160000' || mode === '040000') {
      throw new Refusal('unprocessable', `${path} is not a file whose text can be edited.`)
    }
    writes.push({ path: name, kind: 'content', mode, content: Buffer.from(text, 'utf8') })
  }
  return writes
}
