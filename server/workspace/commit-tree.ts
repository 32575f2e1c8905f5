// Makes a commit from a base tree and a list of writes, by `git fast-import`: only the folders that change are read.
import { git, quotePath, toText } from './git.ts'
import { isSafePath } from './safe-path.ts'

/** One change to a tree; paths are bytes as characters. `content` is stored as it is. */
export type Write =
  | { path: string; kind: 'gone' }
  | { path: string; kind: 'blob'; mode: string; sha: string }
  | { path: string; kind: 'content'; mode: string; content: Uint8Array }

interface NewCommit {
  gitDir: string
  /** Where the commit is kept; moved without asking. */
  ref: string
  parent: string | null
  baseTree: string | null
  writes: Write[]
  message: string
}

const who = 'Seatrial <house@seatrial.invalid>'

/** Writes commit and trees; answers both hashes. */
export async function commitTree(commit: NewCommit): Promise<{ commit: string; tree: string }> {
  const parts: (string | Uint8Array)[] = []
  const text = Buffer.from(commit.message, 'utf8')
  const seconds = Math.floor(Date.now() / 1000)
  parts.push(`feature done\ncommit ${commit.ref}\nmark :1\ncommitter ${who} ${seconds} +0000\ndata ${text.length}\n`)
  parts.push(text, '\n')
  if (commit.parent) parts.push(`from ${commit.parent}\n`)
  parts.push(commit.baseTree ? `M 040000 ${commit.baseTree} ""\n` : 'deleteall\n')
  for (const write of commit.writes) if (write.kind === 'gone') parts.push(`D ${named(write.path)}\n`)
  for (const write of commit.writes) {
    if (write.kind === 'blob') parts.push(`M ${write.mode} ${write.sha} ${named(write.path)}\n`)
    if (write.kind === 'content') {
      parts.push(`M ${write.mode} inline ${named(write.path)}\ndata ${write.content.length}\n`, write.content, '\n')
    }
  }
  parts.push('get-mark :1\nls :1 ""\ndone\n')
  const input = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))
  const answer = await git(['fast-import', '--quiet', '--force', '--date-format=raw-permissive'], {
    gitDir: commit.gitDir,
    input,
  })
  const [sha = '', listing = ''] = answer.out.toString('latin1').split('\n')
  const tree = /^040000 tree ([0-9a-f]+)/.exec(listing)?.[1]
  return { commit: sha, tree: tree ?? (await emptyTree(commit.gitDir)) }
}

function named(path: string): string {
  if (!isSafePath(path)) throw new Error(`unsafe path in a tree: ${toText(path)}`)
  return quotePath(path)
}

/** Git has no line for the root of an empty tree. */
async function emptyTree(gitDir: string): Promise<string> {
  return (await git(['hash-object', '-t', 'tree', '-w', '--stdin'], { gitDir })).out.toString('latin1').trim()
}
