// What the change costs those who live with it: complexity, duplication, documentation.
import { count, listNames } from '../names.ts'
import { measureComplexity } from '../source/complexity.ts'
import { exportsOf } from '../source/exports.ts'
import { isDeclaration, isDocs, isProduct, isScript, isSource } from '../source/file-kinds.ts'
import { type Block, repeatedBlocks } from '../source/repeated-blocks.ts'
import { bad, type Draft, good, neutral, notMeasured, place } from './draft.ts'
import { addedLines, existsInBase, existsInHead, type Facts, oldPathOf } from './facts.ts'

const heavy = { minor: 15, major: 25 }

export async function measureComplexityChange(facts: Facts): Promise<Draft> {
  const files = facts.files.filter(
    (file) => isScript(file.path) && isProduct(file.path) && !isDeclaration(file.path) && existsInHead(file),
  )
  if (files.length === 0) {
    const other = facts.files.some((file) => isProduct(file.path) && file.added > 0)
    return other
      ? notMeasured('Complexity is only measured for JavaScript and TypeScript')
      : good('No function changed')
  }
  const worse: { name: string; path: string; line: number; before: number; now: number }[] = []
  let rise = 0
  for (const file of files) {
    const source = await facts.source('head', file.path)
    if (!source) return notMeasured(`${file.path} could not be parsed safely`)
    const old = existsInBase(file) ? await facts.source('base', oldPathOf(file)) : null
    const before = new Map((old ? measureComplexity(old) : []).map((one) => [one.name, one.complexity]))
    const lines = addedLines(file).map((one) => one.line)
    for (const one of measureComplexity(source)) {
      const was = before.get(one.name) ?? 0
      rise += one.complexity - was
      const touched = lines.some((line) => line >= one.line && line <= one.endLine)
      if (touched && one.complexity > was && one.complexity > heavy.minor) {
        worse.push({ name: one.name, path: file.path, line: one.line, before: was, now: one.complexity })
      }
    }
  }
  const top = Math.max(0, ...worse.map((one) => one.now))
  const names = worse.toSorted((a, b) => b.now - a.now).map((one) => `${one.name} (${one.before} to ${one.now})`)
  const places = worse.map((one) =>
    place(one.path, one.line, `${one.name}: cognitive complexity ${one.now}, was ${one.before}`),
  )
  const more = { lists: { worse: names }, places, head: top }
  // Only what this change itself made heavy counts in full; a small step in an old giant does not.
  const grave = worse.some((one) => one.now > heavy.major && one.now - one.before > 10 && one.now > 1.3 * one.before)
  if (worse.length > 0)
    return bad(
      grave ? 'major' : 'minor',
      `${count(worse.length, 'function')} hard to follow: ${listNames(names)}`,
      more,
    )
  return good(
    rise > 0 ? `Complexity rises by ${rise}, no function is hard to follow` : 'No function became harder to follow',
    more,
  )
}

const mostNeighbours = 200

export async function measureDuplication(facts: Facts): Promise<Draft> {
  const files = facts.files.filter(
    (file) => isSource(file.path) && isProduct(file.path) && existsInHead(file) && !file.binary && !file.collapsed,
  )
  const added = new Map<string, Set<number>>()
  const texts = new Map<string, string>()
  for (const file of files) {
    const lines = addedLines(file)
    if (lines.length === 0) continue
    added.set(file.path, new Set(lines.map((one) => one.line)))
    texts.set(file.path, (await facts.text('head', file.path)) ?? '')
  }
  if (added.size === 0) return good('No source line was added')
  for (const path of await neighbours(facts, [...added.keys()])) texts.set(path, (await facts.text('head', path)) ?? '')
  const blocks = repeatedBlocks(texts, added)
  const lines = blocks.reduce((sum, block) => sum + block.lines, 0)
  const names = blocks.map((block: Block) => `${block.path}:${block.line} like ${block.otherPath}:${block.otherLine}`)
  const places = blocks.map((block) =>
    place(block.path, block.line, `${block.lines} lines like ${block.otherPath}:${block.otherLine}`),
  )
  const more = { lists: { repeated: names }, places, head: lines }
  if (blocks.length > 0)
    return bad(
      lines >= 15 ? 'major' : 'minor',
      `${count(lines, 'added line')} repeat code elsewhere: ${listNames(names)}`,
      more,
    )
  return good('No added block repeats other code', more)
}

/** Product files of the same language, nearest folders first. */
async function neighbours(facts: Facts, paths: string[]): Promise<string[]> {
  const endings = new Set(paths.map((path) => path.slice(path.lastIndexOf('.'))))
  const all = [...(await facts.paths('head'))].filter(
    (path) =>
      endings.has(path.slice(path.lastIndexOf('.'))) &&
      isProduct(path) &&
      !paths.includes(path) &&
      !/(?:^|\/)(?:node_modules|dist|build|vendor)\//.test(path),
  )
  const shared = (path: string): number =>
    Math.max(...paths.map((one) => one.split('/').filter((part, at) => path.split('/')[at] === part).length))
  return all.length <= mostNeighbours ? all : all.toSorted((a, b) => shared(b) - shared(a)).slice(0, mostNeighbours)
}

const mostDocs = 300

export async function measureDocs(facts: Facts): Promise<Draft> {
  const changedDocs = facts.files.filter((file) => isDocs(file.path))
  const gone = await goneNames(facts)
  const stale: ReturnType<typeof place>[] = []
  if (gone.size > 0) {
    const docs = (await facts.mayHold('head', [...gone]))
      .filter((path) => isDocs(path) && !/changelog|history|release/i.test(path))
      .slice(0, mostDocs)
    for (const path of docs) {
      const lines = ((await facts.text('head', path)) ?? '').split('\n')
      for (const [index, text] of lines.entries()) {
        const name = [...gone].find((one) =>
          new RegExp(`(?<![\\w$])${one.replace(/\$/g, '\\$&')}(?![\\w$])`).test(text),
        )
        if (name) stale.push(place(path, index + 1, `still speaks of ${name}`))
      }
    }
  }
  const more = { lists: { gone: [...gone] }, places: stale, head: stale.length }
  if (stale.length > 0) {
    const where = stale.map((one) => `${one.path}:${one.line}`)
    return bad(stale.length >= 3 ? 'major' : 'minor', `Docs still speak of what is gone: ${listNames(where)}`, more)
  }
  if (changedDocs.length > 0)
    return good(`${count(changedDocs.length, 'page')} of documentation changed with the code`, more)
  return neutral('No documentation changed', more)
}

/** Exported names of changed files that no changed file exports any more. */
async function goneNames(facts: Facts): Promise<Set<string>> {
  const before = new Set<string>()
  const after = new Set<string>()
  for (const file of facts.files.filter((one) => isScript(one.path) && isProduct(one.path))) {
    const old = existsInBase(file) ? await facts.source('base', oldPathOf(file)) : null
    const now = existsInHead(file) ? await facts.source('head', file.path) : null
    for (const name of old ? exportsOf(old).names.keys() : []) before.add(name)
    for (const name of now ? exportsOf(now).names.keys() : []) after.add(name)
  }
  // Short and everyday names would be found in any prose.
  return new Set(
    [...before].filter(
      (name) => !after.has(name) && name !== 'default' && (name.length > 5 || /[A-Z_]/.test(name.slice(1))),
    ),
  )
}
