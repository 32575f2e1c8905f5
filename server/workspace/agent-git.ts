// The throwaway `.git` a trial works with: its own refs, config and index; the history is borrowed read-only from `base.git`.
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Base } from '@seatrial/protocol'
import { copyIndex } from './copy-index.ts'
import { git } from './git.ts'
import type { Store } from './store.ts'

const config =
  '[user]\n\tname = Seatrial trial\n\temail = trial@seatrial.invalid\n[gc]\n\tauto = 0\n[advice]\n\tdetachedHead = false\n'

/** Writes a fresh `.git` into a tree, whatever was there before. */
export async function writeAgentGit(
  store: Store,
  base: Base,
  tree: string,
  options: { index?: string; excludes?: string },
): Promise<void> {
  const gitDir = join(tree, '.git')
  await rm(gitDir, { recursive: true, force: true })
  const format = (await git(['rev-parse', '--show-object-format'], { gitDir: store.baseGit })).out.toString().trim()
  await git(['init', '-q', '--template=', `--object-format=${format}`, tree])
  await writeFile(join(gitDir, 'config'), (await readFile(join(gitDir, 'config'), 'utf8')) + config)
  for (const folder of ['info', 'objects/info']) await mkdir(join(gitDir, folder), { recursive: true })
  await writeFile(join(gitDir, 'objects/info/alternates'), `${store.baseGit}/objects\n`)
  const shallow = await readFile(join(store.baseGit, 'shallow'), 'utf8').catch(() => null)
  if (shallow) await writeFile(join(gitDir, 'shallow'), shallow)
  if (base.branch) {
    await git(['update-ref', `refs/heads/${base.branch}`, base.commit], { gitDir })
    await git(['symbolic-ref', 'HEAD', `refs/heads/${base.branch}`], { gitDir })
  } else await writeFile(join(gitDir, 'HEAD'), `${base.commit}\n`)
  if (options.excludes) await copyFile(options.excludes, join(gitDir, 'info/exclude'))
  if (options.index) await copyIndex(options.index, join(gitDir, 'index'))
}
