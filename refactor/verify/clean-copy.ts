// A copy of the sources alone, with dependencies linked: no stale build output can hide what a refactoring broke.
import { execFileSync } from 'node:child_process'
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix, relative } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import { packagesOf, sourceOf } from '../graph/packages.ts'
import { relativeSpecifier, withoutEnding } from '../move/endings.ts'
import { isCode } from '../tree/list-files.ts'
import { openTree, type Tree } from '../tree/tree.ts'

export type CleanCopy = { folder: string; tree: Tree; close(): void }

const read = (file: string): boolean => isCode(file) || /\.jsonc?$/.test(file)

/** The working tree as it stands, or a git revision of it. */
export function cleanCopy(root: string, revision?: string): CleanCopy {
  const tree = openTree(root)
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'refactor-verify-')))
  const close = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    if (revision === undefined) copyFiles(tree, folder)
    else checkOut(tree, folder, revision)
    linkDependencies(tree, folder)
    const copied = openTree(folder)
    bridgeUnbuilt(copied)
    return { folder, tree: copied, close }
  } catch (error) {
    close()
    throw error
  }
}

function copyFiles(tree: Tree, folder: string): void {
  const made = new Set<string>()
  for (const file of tree.files.filter(read)) {
    const target = join(folder, file)
    const parent = dirname(target)
    if (!made.has(parent)) mkdirSync(parent, { recursive: true })
    made.add(parent)
    copyFileSync(tree.path(file), target, constants.COPYFILE_FICLONE)
  }
}

function checkOut(tree: Tree, folder: string, revision: string): void {
  const env = { ...gitEnvironment, GIT_INDEX_FILE: join(folder, '.index') }
  try {
    execFileSync('git', ['read-tree', revision, '--'].slice(0, 2), { cwd: tree.root, env, stdio: 'pipe' })
    execFileSync('git', ['checkout-index', '-a', '-q', `--prefix=${folder}/`], { cwd: tree.root, env, stdio: 'pipe' })
  } catch {
    throw new Refusal('not_found', `No revision ${revision} to compare with in ${tree.root}.`)
  } finally {
    rmSync(env.GIT_INDEX_FILE, { force: true })
  }
}

const gitEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' }

/** Workspace packages link to their copies, everything else to where it is installed. */
function linkDependencies(tree: Tree, folder: string): void {
  const folders = new Set(['.'])
  for (const file of tree.files) for (let up = dirname(file); up !== '.'; up = dirname(up)) folders.add(up)
  for (const below of folders) {
    const modules = join(tree.root, below, 'node_modules')
    if (existsSync(modules)) linkModules(tree, folder, modules)
  }
}

function linkModules(tree: Tree, folder: string, modules: string): void {
  for (const name of readdirSync(modules)) {
    if (name.startsWith('.')) continue
    const path = join(modules, name)
    if (name.startsWith('@')) linkModules(tree, folder, path)
    else link(tree, folder, path)
  }
}

function link(tree: Tree, folder: string, path: string): void {
  let real: string
  try {
    real = realpathSync(path)
  } catch {
    return
  }
  const inside = tree.inside(real)
  const target = inside !== null && !inside.split('/').includes('node_modules') ? join(folder, inside) : real
  const place = join(folder, relative(tree.root, path))
  mkdirSync(dirname(place), { recursive: true })
  symlinkSync(target, place)
}

/**
 * Packages of the tree that a bundler builds have no types in a clean copy, so each missing entry re-exports its
 * source. Packages that tsc builds itself are left to it, so that an entry nobody builds any more is noticed.
 */
function bridgeUnbuilt(copy: Tree): void {
  for (const one of packagesOf(copy)) {
    if (one.configs.some((config) => config.outDir !== one.folder) && isBuiltByTsc(copy, one.folder)) continue
    const targets = [...(one.exports ?? []).flatMap((each) => each.targets), ...one.mains]
    for (const target of targets.filter((each) => /\.d\.[cm]?ts$/.test(each) && !each.includes('*'))) {
      const source = existsSync(copy.path(target)) ? null : sourceOf(copy, one, target)
      if (!source || !isCode(source)) continue
      const from = relativeSpecifier(target, withoutEnding(source))
      const ending = /\.mts$/.test(source) ? '.mjs' : /\.cts$/.test(source) ? '.cjs' : '.js'
      const hasDefault = /\bexport\s+default\b|\bas\s+default\b/.test(copy.read(source)?.text ?? '')
      mkdirSync(dirname(copy.path(target)), { recursive: true })
      writeFileSync(
        copy.path(target),
        `export * from '${from}${ending}'\n${hasDefault ? `export { default } from '${from}${ending}'\n` : ''}`,
      )
    }
  }
}

const isBuiltByTsc = (copy: Tree, folder: string): boolean =>
  copy.files.some(
    (file) =>
      /(?:^|\/)tsconfig[^/]*\.json$/.test(file) &&
      /"references"\s*:/.test(copy.read(file)?.text ?? '') &&
      refersTo(copy, file, folder),
  )

const refersTo = (copy: Tree, file: string, folder: string): boolean =>
  [...(copy.read(file)?.text ?? '').matchAll(/"path"\s*:\s*"([^"]+)"/g)].some((match) => {
    const target = posix.join(posix.dirname(file), match[1]!)
    return target === folder || target.startsWith(`${folder}/`)
  })
