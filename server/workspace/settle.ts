// After set-up: tracked files as committed again, and what it left behind is no part of any candidate.
import { type GitCall, git, records } from './git.ts'
import { pattern } from './layer-folder.ts'

/** Ignore rules for what set-up left, and the tracked paths that were put back (bytes as characters). */
export async function settle(
  call: GitCall,
  excludes: string,
  say: (sentence: string) => void,
): Promise<{ made: string[]; restored: string[] }> {
  await git(['update-index', '-q', '--refresh'], { ...call, codes: [1] })
  const restored = records((await git(['diff-files', '--name-only', '-z'], call)).out, 'latin1')
  if (restored.length > 0) {
    say(`Set-up changed ${restored.length} tracked files; they are as committed again.`)
    const list = Buffer.from(`${restored.join('\0')}\0`, 'latin1')
    await git(['checkout-index', '-f', '-q', '-z', '--stdin'], { ...call, input: list })
  }
  return { made: await untracked(call, excludes), restored }
}

/** Rules for all that is neither tracked nor ignored. */
async function untracked(call: GitCall, excludes: string): Promise<string[]> {
  const rules = [`--exclude-from=${excludes}`, '--exclude-per-directory=.gitignore']
  const listed = await git(['ls-files', '-o', '-z', '--directory', ...rules], call)
  return records(listed.out)
    .filter((path) => path !== '.git/' && !path.includes('\n'))
    .map(pattern)
}
