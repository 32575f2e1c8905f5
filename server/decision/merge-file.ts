// Merges three versions of one file by lines, byte-preserving; null when they collide or are binary.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { git } from '../workspace/git.ts'

export async function mergeFile(ours: Buffer, base: Buffer, theirs: Buffer): Promise<Buffer | null> {
  if (ours.equals(theirs) || base.equals(theirs)) return ours
  if (base.equals(ours)) return theirs
  const dir = await mkdtemp(join(tmpdir(), 'seatrial-merge-'))
  try {
    const names = ['ours', 'base', 'theirs'].map((name) => join(dir, name))
    for (const [position, content] of [ours, base, theirs].entries()) {
      await writeFile(names[position] as string, content)
    }
    const codes = Array.from({ length: 255 }, (_, code) => code + 1)
    const answer = await git(['merge-file', '-p', '-q', ...names], { codes })
    return answer.code === 0 ? answer.out : null
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
