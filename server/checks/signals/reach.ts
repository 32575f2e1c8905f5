// How far a change reaches: blast radius, sensitive paths, scope against the prompt.
import { matchesGlob } from 'node:path'
import type { FileDiff } from '@seatrial/protocol'
import { count, listNames } from '../names.ts'
import {
  baseName,
  folderOf,
  isDocs,
  isLockfile,
  isScript,
  isSource,
  isTest,
  lockfiles,
  stemOf,
} from '../source/file-kinds.ts'
import { linesAround } from '../source/lines-around.ts'
import { names, type PromptWords, partsOf, readPrompt, stemWord } from '../source/prompt-words.ts'
import { bad, type Draft, good, neutral, notMeasured, place } from './draft.ts'
import { addedLines, existsInHead, type Facts, type Line, oldPathOf, removedLines } from './facts.ts'

const large = { files: 40, lines: 1500 }
const small = { files: 10, lines: 300 }
/** Commits in the history's span from which a file counts as hot. */
const hotCommits = 10
const mostRead = 3000

export async function measureBlastRadius(facts: Facts): Promise<Draft> {
  const files = facts.files.filter((file) => !isLockfile(file.path))
  const moved = files.filter((file) => file.status === 'renamed' && file.added + file.removed <= 4)
  const lines = files.filter((file) => !file.collapsed).reduce((sum, file) => sum + file.added + file.removed, 0)
  const folders = new Set(files.map((file) => folderOf(file.path)))
  const hot = files.map((file) => oldPathOf(file)).filter((path) => (facts.history?.commits[path] ?? 0) >= hotCommits)
  const importers = await importersOf(facts, files)
  const lists = { folders: [...folders], hot, importers: importers ?? [] }
  const reach = importers === null ? '' : `, ${count(importers.length, 'importer')}`
  const heat = hot.length > 0 ? `, ${count(hot.length, 'hot file')}` : ''
  const sentence = `${count(files.length, 'file')} and ${count(lines, 'line')} in ${count(folders.size, 'folder')}${reach}${heat}`
  const more = { lists, head: files.length, places: hot.map((path) => place(path, null, 'often changed')) }
  if (files.length === 0) return neutral('Nothing changed', more)
  // One mechanical edit over many files (a rename) is wide without being deep.
  const mechanical = files.length > 3 && lines / files.length <= 6
  const wide = files.length - moved.length > large.files || lines > large.lines
  if (wide && !mechanical)
    return bad(lines > 2 * large.lines || files.length > 2 * large.files ? 'major' : 'minor', sentence, more)
  if (files.length <= small.files && lines <= small.lines && hot.length === 0) return good(sentence, more)
  return neutral(sentence, more)
}

/** Files of the base that import a changed module, by name; null when the tree is too large to read. */
async function importersOf(facts: Facts, changed: FileDiff[]): Promise<string[] | null> {
  const modules = changed.filter((file) => isScript(file.path) && file.status !== 'added').map(oldPathOf)
  if (modules.length === 0) return []
  const own = new Set(modules)
  const stems = new Set(
    modules.map((path) => (/^index\.[cm]?[jt]sx?$/.test(baseName(path)) ? baseName(folderOf(path)) : stemOf(path))),
  )
  const holding = await facts.mayHold('base', [...stems])
  const scripts = holding.filter((path) => isScript(path) && !path.includes('node_modules/'))
  if (scripts.length > mostRead) return null
  const found: string[] = []
  for (const path of scripts) {
    if (own.has(path)) continue
    const text = (await facts.text('base', path)) ?? ''
    const specifiers = [...text.slice(0, 200_000).matchAll(/(?:from|import|require\()\s*['"]([^'"\n]{1,300})['"]/g)]
    if (specifiers.some((match) => stems.has(stemOf(match[1] ?? '')))) found.push(path)
  }
  return found
}

/** Paths that decide over builds, access and data, whatever a project adds to them. */
const sensitive: { what: string; path: RegExp }[] = [
  {
    what: 'CI',
    path: /^\.github\/(?:workflows|actions)\/|(?:^|\/)\.gitlab-ci\.yml$|^\.circleci\/|^Jenkinsfile$|azure-pipelines|^\.buildkite\//,
  },
  {
    what: 'git hooks',
    path: /^\.(?:husky|githooks)\/|(?:^|\/)\.git(?:attributes|modules)$|lefthook|\.pre-commit-config/,
  },
  { what: 'owners', path: /(?:^|\/)CODEOWNERS$/ },
  {
    what: 'package registry',
    path: /(?:^|\/)(?:\.npmrc|\.yarnrc(?:\.yml)?|\.pypirc|pip\.conf|\.cargo\/config(?:\.toml)?|bunfig\.toml)$/,
  },
  {
    what: 'container or infrastructure',
    path: /(?:^|\/)(?:Dockerfile[^/]*|docker-compose[^/]*\.ya?ml)$|\.tf$|(?:^|\/)(?:k8s|helm|terraform|deploy)\//,
  },
  { what: 'migration', path: /(?:^|\/)(?:migrations?|db\/migrate|alembic\/versions)\// },
  {
    what: 'access control',
    path: /(?:^|\/)(?:auth|authn|authz|security|permissions?|crypto|acl)(?:\/|\.[cm]?[jt]sx?$|\.(?:py|go|rs|rb)$)/i,
  },
  {
    what: 'editor or agent rules',
    path: /^\.(?:vscode|cursor|claude|seatrial)\/|(?:^|\/)(?:AGENTS|CLAUDE|GEMINI)\.md$|(?:^|\/)\.mcp\.json$|^\.envrc$/,
  },
]

export async function measureSensitive(facts: Facts): Promise<Draft> {
  const said = readPrompt(facts.prompt)
  const hits = facts.files.flatMap((file) => {
    const paths = [file.path, oldPathOf(file)]
    const known = sensitive.find((one) => paths.some((path) => one.path.test(path)))
    const own = facts.settings.sensitive.some((glob) => paths.some((path) => matchesGlob(path, glob)))
    return known || own || file.sensitive
      ? [{ path: file.path, what: known?.what ?? 'named by the project', line: firstLine(file) }]
      : []
  })
  const asked = (hit: { path: string; what: string }): boolean =>
    names(said, hit.path) ||
    said.paths.includes(baseName(hit.path)) ||
    hit.what.split(' ').some((word) => word.length > 1 && word !== 'or' && mentions(facts.prompt, word))
  const unasked = hits.filter((hit) => !asked(hit))
  const places = hits.map((hit) => place(hit.path, hit.line, hit.what))
  const lists = { paths: hits.map((hit) => hit.path), unasked: unasked.map((hit) => hit.path) }
  const more = { places, lists, head: hits.length }
  if (unasked.length > 0) {
    const named = unasked.map((hit) => `${hit.path} (${hit.what})`)
    return bad('major', `${count(unasked.length, 'sensitive file')} changed unasked: ${listNames(named)}`, more)
  }
  if (hits.length > 0)
    return neutral(`${count(hits.length, 'sensitive file')} changed as asked: ${listNames(lists.paths)}`, more)
  return good('No sensitive path changed', more)
}

const mentions = (prompt: string, word: string): boolean =>
  new RegExp(`\\b${word.replace(/\W/g, '')}(?:s|es)?\\b`, 'i').test(prompt)
const firstLine = (file: FileDiff): number | null => file.hunks[0]?.newStart ?? null

export async function measureScope(facts: Facts): Promise<Draft> {
  const said = readPrompt(facts.prompt)
  const forbidden = facts.files.filter((file) =>
    said.untouchable.some(
      (name) =>
        file.path === name ||
        file.path.endsWith(`/${name}`) ||
        file.path.startsWith(`${name.replace(/\/\*?\*?$/, '')}/`),
    ),
  )
  if (forbidden.length > 0) {
    const places = forbidden.map((file) => place(file.path, firstLine(file), 'was not to be touched'))
    const lists = { forbidden: forbidden.map((file) => file.path) }
    return bad(
      'critical',
      `${count(forbidden.length, 'file')} changed that the prompt protects: ${listNames(lists.forbidden)}`,
      { places, lists, head: forbidden.length },
    )
  }
  if (said.paths.length + said.identifiers.length === 0 && said.words.size < 3)
    return notMeasured('The prompt names nothing to hold the change against')
  const related = await relatedFiles(facts, said)
  const anchored = related.size > 0
  if (!anchored && said.paths.length + said.identifiers.length === 0)
    return notMeasured('Nothing in the prompt can be found in the change')
  const drifted = facts.files.filter((file) => !related.has(file.path))
  const weight = (files: FileDiff[]): number =>
    files.reduce((sum, file) => sum + (file.collapsed ? 0 : file.added + file.removed), 0)
  const share = weight(drifted) / Math.max(1, weight(facts.files))
  const places = drifted.map((file) => place(file.path, firstLine(file), 'not named and not connected'))
  const lists = { drifted: drifted.map((file) => file.path) }
  const more = { places, lists, base: facts.files.length, head: drifted.length }
  if (drifted.length === 0) return good('Every changed file is connected to the prompt', more)
  const sentence = `${count(drifted.length, 'file')} of ${facts.files.length} unconnected to the prompt: ${listNames(lists.drifted)}`
  // Words alone are a weak tie: a prompt that names no path and no identifier is no measure to skip by.
  const specific = said.paths.length + said.identifiers.length > 0
  return bad(specific && share > 0.2 ? 'major' : 'minor', sentence, more)
}

/** Files that the prompt names, by path, by identifier or by several words, and the files tied to those. */
async function relatedFiles(facts: Facts, said: PromptWords): Promise<Set<string>> {
  const related = new Set<string>()
  const texts = new Map<string, string>()
  for (const file of facts.files) {
    const side = existsInHead(file) ? 'head' : 'base'
    const changed = [...addedLines(file), ...removedLines(file)].map((one) => one.text).join('\n')
    const whole =
      file.binary || file.collapsed
        ? ''
        : ((await facts.text(side, side === 'head' ? file.path : oldPathOf(file))) ?? '')
    texts.set(file.path, whole.slice(0, 400_000))
    const paths = [file.path, oldPathOf(file)]
    const byPath = paths.some((path) => names(said, path) || said.paths.some((one) => matchesLoosely(path, one)))
    const named = (text: string): boolean =>
      said.identifiers.some(
        (name) => name.length > 2 && new RegExp(`(?<![\\w$])${literally(name)}(?![\\w$])`).test(text),
      )
    if (byPath || named(changed) || byWords(file, changed, said) || named(await headsOf(facts, file)))
      related.add(file.path)
  }
  for (let grown = true; grown; ) {
    grown = false
    for (const file of facts.files) {
      if (related.has(file.path) || !facts.files.some((other) => related.has(other.path) && tied(file, other, texts)))
        continue
      related.add(file.path)
      grown = true
    }
  }
  return related
}

/** The heads of the functions and classes that changed lines stand in: a fix inside `total` seldom says `total`. */
async function headsOf(facts: Facts, file: FileDiff): Promise<string> {
  if (file.binary || file.collapsed) return ''
  const heads = async (side: 'base' | 'head', path: string, changed: Line[]): Promise<string[]> => {
    const around = linesAround(changed.length > 0 ? ((await facts.text(side, path)) ?? '') : '')
    return changed.flatMap(({ line }) => around(line))
  }
  const added = await heads('head', file.path, addedLines(file))
  const removed = await heads('base', oldPathOf(file), removedLines(file))
  return [...new Set([...added, ...removed])].join('\n')
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const matchesLoosely = (path: string, said: string): boolean =>
  (said.includes('*') && matchesGlob(path, said)) ||
  stemOf(path) === stemOf(said) ||
  path.includes(`/${said.replace(/\/$/, '')}/`)

/** Words of the path, or of the names on changed lines, that the prompt uses. */
function byWords(file: FileDiff, changed: string, said: PromptWords): boolean {
  const common = new Set(
    [
      'src',
      'lib',
      'test',
      'index',
      'function',
      'const',
      'return',
      'import',
      'export',
      'from',
      'string',
      'number',
      'file',
      'code',
      'cod',
      'the',
      'and',
      'add',
      'fix',
      'new',
      'type',
      'typ',
      'use',
      'make',
      'mak',
      'package',
      'packag',
      'should',
      'value',
      'valu',
    ].map(stemWord),
  )
  const path = partsOf(stemOf(file.path)).concat(partsOf(baseName(folderOf(file.path))))
  if (path.some((part) => part.length > 2 && !common.has(part) && said.words.has(part))) return true
  const inCode = new Set(
    partsOf(changed.slice(0, 100_000)).filter((part) => part.length > 3 && !common.has(part) && said.words.has(part)),
  )
  return inCode.size >= 2
}

/** One imports the other, tests it, documents it, or locks what it declares. */
function tied(a: FileDiff, b: FileDiff, texts: Map<string, string>): boolean {
  const lock = lockfiles[baseName(a.path)]
  if (lock !== undefined) return baseName(b.path) === lock
  const stems = (file: FileDiff): string[] =>
    [stemOf(file.path), stemOf(oldPathOf(file))].map((stem) =>
      stem === 'index' ? baseName(folderOf(file.path)) : stem,
    )
  const imports = (from: FileDiff, to: FileDiff): boolean =>
    isSource(from.path) &&
    isSource(to.path) &&
    stems(to).some(
      (stem) =>
        stem.length > 1 &&
        new RegExp(
          `['"/.]${literally(stem)}(?:\\.[cm]?[jt]sx?)?['"]|\\b(?:import|from|use|mod)\\s+[\\w.:]*\\b${literally(stem)}\\b`,
        ).test(texts.get(from.path) ?? ''),
    )
  if (imports(a, b) || imports(b, a)) return true
  if ((isTest(a.path) || isTest(b.path)) && stems(a).some((stem) => stems(b).includes(stem))) return true
  if (/(?:^|\/)__snapshots__\//.test(a.path)) return isTest(b.path) && a.path.includes(baseName(b.path))
  if (baseName(a.path).toUpperCase().startsWith('CHANGELOG')) return true
  // A manifest or configuration that names the file, or a dependency that the file uses, on a changed line.
  if (/\.(?:json|jsonc|ya?ml|toml)$/.test(a.path)) {
    const changed = [...addedLines(a), ...removedLines(a)].map((one) => one.text)
    const used = changed.flatMap((line) => /^\s*"(@?[\w./-]+)"\s*:\s*"[\^~]?\d/.exec(line)?.[1] ?? [])
    if (used.some((name) => (texts.get(b.path) ?? '').includes(name))) return true
    return stems(b).some((stem) => stem.length > 2 && changed.some((line) => line.includes(stem)))
  }
  return (
    isDocs(a.path) &&
    isSource(b.path) &&
    stems(b).some((stem) => stem.length > 3 && (texts.get(a.path) ?? '').includes(stem))
  )
}
