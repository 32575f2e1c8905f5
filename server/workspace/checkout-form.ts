// Files of a tree as a checkout would write them (line endings, the owner's filters), made in a private folder.
import { lstatSync, readFileSync, readlinkSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type GitAnswer, type GitCall, give, type Identity, records, toBytes } from './git.ts'
import type { Planting } from './plant.ts'

interface FormInput {
  /** Runs git on the repository that holds the tree, with the configuration that is to count. */
  git(args: string[], call: GitCall): Promise<GitAnswer>
  tree: string
  /** Bytes as characters. */
  paths: string[]
  as: Identity | null
}

/** A planting for every path: its checkout form, or `gone` where the tree has none. */
export async function checkoutForm(input: FormInput): Promise<Planting[]> {
  if (input.paths.length === 0) return []
  const temp = await mkdtemp(join(tmpdir(), 'seatrial-form-'))
  try {
    if (input.as) await give(temp, input.as)
    const index = join(temp, 'index')
    const call: GitCall = { index, workTree: temp, cwd: temp }
    const listed = await input.git(['ls-tree', '-r', '-z', '--full-tree', input.tree], {})
    const wanted = new Set(input.paths)
    const modes = new Map<string, string>()
    const lines: string[] = []
    for (const record of records(listed.out, 'latin1')) {
      const path = record.slice(record.indexOf('\t') + 1)
      const isWanted = wanted.has(path)
      if (isWanted) modes.set(path, record.slice(0, 6))
      // Attributes decide the form, so they come along.
      if (isWanted || path === '.gitattributes' || path.endsWith('/.gitattributes')) lines.push(record)
    }
    if (lines.length > 0) {
      await input.git(['update-index', '-z', '--index-info'], {
        ...call,
        input: Buffer.from(`${lines.join('\0')}\0`, 'latin1'),
      })
      await input.git(['checkout-index', '-a', '-f', '-q', '--prefix=files/'], call)
    }
    return input.paths.map((path) => read(join(temp, 'files'), path, modes.get(path)))
  } finally {
    await rm(temp, { recursive: true, force: true })
  }
}

function read(dir: string, path: string, mode: string | undefined): Planting {
  if (mode === undefined || mode === '160000') return { path, kind: 'gone' }
  const place = Buffer.concat([Buffer.from(`${dir}/`), toBytes(path)])
  const stat = lstatSync(place)
  if (stat.isSymbolicLink()) return { path, kind: 'link', target: readlinkSync(place, 'buffer') }
  return { path, kind: 'file', content: readFileSync(place), mode: mode === '100755' ? 0o755 : 0o644 }
}
