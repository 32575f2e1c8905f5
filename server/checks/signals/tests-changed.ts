// Signals from reading tests: added, deleted, weakened.
import { compareChecks } from '../compare-checks.ts'
import { count, listNames } from '../names.ts'
import { baseName, isProduct, isTest, stemOf } from '../source/file-kinds.ts'
import { partsOf, readPrompt } from '../source/prompt-words.ts'
import { type Assertion, type OutlinedTest, outlineTests } from '../source/test-outline.ts'
import { bad, type Draft, good, neutral, notMeasured, type Place, place } from './draft.ts'
import { addedLines, existsInBase, existsInHead, type Facts, oldPathOf, readObject } from './facts.ts'

interface TestPair {
  base: OutlinedTest
  head: OutlinedTest | null
}

interface TestChange {
  pairs: TestPair[]
  added: OutlinedTest[]
  touched: number
}

/** Tests of the changed test files, paired by name, then by title, then by an equal body. */
async function changedTests(facts: Facts): Promise<TestChange> {
  const files = facts.files.filter((file) => isTest(file.path) || isTest(oldPathOf(file)) || file.path.endsWith('.rs'))
  const read = async (side: 'base' | 'head', path: string): Promise<OutlinedTest[]> =>
    outlineTests(path, (await facts.text(side, path)) ?? '')
  const base = (await Promise.all(files.filter(existsInBase).map((file) => read('base', oldPathOf(file))))).flat()
  const head = (await Promise.all(files.filter(existsInHead).map((file) => read('head', file.path)))).flat()
  const left = new Set(head)
  const pairs: TestPair[] = base.map((test) => ({ base: test, head: null }))
  const sameness: ((a: OutlinedTest, b: OutlinedTest) => boolean)[] = [
    (a, b) => a.name === b.name && a.path === b.path,
    (a, b) => a.name === b.name,
    (a, b) => a.title === b.title,
    (a, b) => a.body.length > 20 && a.body === b.body,
    // Rewritten and renamed in one: still mostly the same words in the same file.
    (a, b) => a.path === b.path && likeness(a, b) >= 0.5,
  ]
  for (const same of sameness) {
    for (const pair of pairs.filter((one) => one.head === null)) {
      const match = [...left].find((test) => same(pair.base, test))
      if (!match) continue
      pair.head = match
      left.delete(match)
    }
  }
  return { pairs, added: [...left], touched: files.length }
}

/** Share of words, of title and body, that two tests have in common. */
function likeness(a: OutlinedTest, b: OutlinedTest): number {
  const words = (test: OutlinedTest): Set<string> => new Set(`${test.title} ${test.body}`.match(/\w{2,}/g) ?? [])
  const [x, y] = [words(a), words(b)]
  const shared = [...x].filter((word) => y.has(word)).length
  return shared / Math.max(1, x.size + y.size - shared)
}

export async function measureTestsAdded(facts: Facts): Promise<Draft> {
  const { added } = await changedTests(facts)
  const source = facts.files.filter((file) => isProduct(file.path) && file.added > 0)
  const lists = { added: added.map((test) => test.name) }
  const places = added.map((test) => place(test.path, test.line, test.title))
  const more = { lists, places, head: added.length }
  if (added.length === 0) {
    if (source.length === 0) return neutral('No source code changed, so no tests were due', more)
    return neutral(`${count(source.length, 'source file')} changed and no test was added`, more)
  }
  const empty = added.filter((test) => !test.skipped && test.assertions.every((one) => one.strength === 0))
  if (empty.length === added.length && added.every((test) => test.body !== '')) {
    return bad('minor', `${count(added.length, 'added test')} assert nothing: ${listNames(lists.added)}`, more)
  }
  const before = facts.addedOnBase
  if (before === null) return good(`${count(added.length, 'test')} added: ${listNames(lists.added)}`, more)
  if (before.total > 0 && before.passed === before.total) {
    return neutral(`${count(added.length, 'test')} added, all of which pass on the base already`, more)
  }
  return good(`${count(added.length, 'test')} added, ${before.total - before.passed} of which fail on the base`, more)
}

export async function measureTestsDeleted(facts: Facts): Promise<Draft> {
  const { pairs } = await changedTests(facts)
  const known = new Set(pairs.flatMap(({ base }) => [base.title, base.name]))
  const leaf = (name: string): string => name.split(' > ').at(-1) ?? name
  // Cases that vanished though no test file says why: a narrowed pattern, an excluded folder.
  const files = new Map(facts.base.flatMap((one) => one.cases ?? []).map((one) => [one.name, one.file]))
  const vanished = compareChecks(facts.base, facts.head).deleted.filter(
    (name) => !known.has(leaf(name)) && !known.has(name),
  )
  const goneFiles = new Set(facts.files.filter((file) => file.status === 'deleted').map((file) => file.path))
  const goneStems = new Set([...goneFiles].filter(isProduct).map(stemOf))
  const gone = pairs.filter(({ head, base }) => head === null && !base.skipped).map(({ base }) => base)
  const asked = (test: OutlinedTest): boolean => goneStems.has(stemOf(test.path)) || isAskedFor(facts.prompt, test)
  const unexplained = gone.filter((test) => !asked(test))
  const total = unexplained.length + vanished.length
  const lists = {
    deleted: [...unexplained.map((test) => test.name), ...vanished],
    asked: gone.filter(asked).map((test) => test.name),
  }
  const places = [
    ...unexplained.map((test) => place(test.path, test.line, `deleted: ${test.title}`)),
    ...vanished
      .map((name) => place(files.get(name) ?? '', null, `no longer runs: ${name}`))
      .filter((one) => one.path !== ''),
  ]
  const more = { lists, places, base: pairs.length, head: total }
  if (total > 0)
    return bad(total >= 1 ? 'major' : 'minor', `${count(total, 'test')} deleted: ${listNames(lists.deleted)}`, more)
  if (gone.length > 0) return neutral(`${count(gone.length, 'test')} deleted along with what they tested`, more)
  return good('No test was deleted', more)
}

/** The prompt speaks of removing, and names what the test is about. */
function isAskedFor(prompt: string, test: OutlinedTest): boolean {
  if (!/\b(?:remov|delet|drop|retire|revert|get rid)/i.test(prompt)) return false
  const said = readPrompt(prompt)
  const named = said.identifiers.filter((name) => name.length > 2)
  if (named.some((name) => test.name.includes(name) || test.body.includes(name))) return true
  const parts = partsOf(test.title).filter((part) => part.length > 3)
  return parts.length > 0 && parts.filter((part) => said.words.has(part)).length >= Math.min(2, parts.length)
}

interface Weakening {
  what: string
  place: Place
}

export async function measureTestsWeakened(facts: Facts): Promise<Draft> {
  const { pairs, added, touched } = await changedTests(facts)
  const found: Weakening[] = pairs.flatMap(({ base, head }) => (head ? weakenings(base, head) : []))
  for (const test of added.filter((one) => one.only)) {
    found.push({ what: `only "${test.title}" runs`, place: place(test.path, test.line, '.only') })
  }
  found.push(...(await neutralisedScripts(facts)), ...loweredBars(facts))
  const { skipped } = compareChecks(facts.base, facts.head)
  const said = new Set(found.map((one) => one.what))
  for (const name of skipped) {
    const what = `"${name.split(' > ').at(-1)}" is skipped`
    if (!said.has(what)) found.push({ what, place: place('', null, name) })
  }
  const changed = pairs.flatMap(({ base, head }) => (head ? changedExpectations(base, head) : []))
  const places = [...found.map((one) => one.place).filter((one) => one.path !== ''), ...changed]
  const more = { lists: { weakened: found.map((one) => one.what) }, places, head: found.length }
  if (found.length > 0)
    return bad('major', `${count(found.length, 'test')} weakened: ${listNames(more.lists.weakened)}`, more)
  if (changed.length > 0) return neutral(`${count(changed.length, 'expected value')} changed in tests`, more)
  if (touched === 0 && facts.files.length === 0) return notMeasured('Nothing changed')
  return good('No test was weakened', more)
}

function weakenings(base: OutlinedTest, head: OutlinedTest): Weakening[] {
  const at = (text: string, line = head.line): Place => place(head.path, line, text)
  const found: Weakening[] = []
  const add = (what: string, text: string, line?: number): void => {
    found.push({ what: `"${head.title}" ${what}`, place: at(text, line) })
  }
  if (head.skipped && !base.skipped) add('is skipped', 'skipped')
  if (head.only && !base.only) add('is the only one to run', '.only')
  const tally = (test: OutlinedTest, keep: (one: Assertion) => boolean): number => test.assertions.filter(keep).length
  const real = (test: OutlinedTest): number => tally(test, (one) => one.strength > 0)
  const exact = (test: OutlinedTest): number => tally(test, (one) => one.strength === 2)
  const conditional = (test: OutlinedTest): number => tally(test, (one) => one.conditional)
  // A test that now runs over a table of values needs fewer lines for more assertions.
  if (head.each && !base.each) return found
  if (real(head) < real(base))
    add(`lost ${count(real(base) - real(head), 'assertion')}`, `${real(base)} assertions before, ${real(head)} now`)
  else if (exact(head) < exact(base)) {
    const weaker = head.assertions.find(
      (one) => one.strength < 2 && !base.assertions.some((old) => old.text === one.text),
    )
    add('asserts less exactly', weaker?.text ?? '', weaker?.line)
  }
  if (conditional(head) > conditional(base)) {
    const one = head.assertions.find((assertion) => assertion.conditional)
    add('asserts only under a condition', one?.text ?? '', one?.line)
  }
  return found
}

/** Assertions whose subject stayed and whose expected value did not. */
function changedExpectations(base: OutlinedTest, head: OutlinedTest): Place[] {
  const subject = (text: string): string => text.replace(/\.\w+\([^()]*\)\s*$/, '').replace(/,[^,]*\)$/, '')
  const before = new Map(base.assertions.map((one) => [subject(one.text), one.text]))
  return head.assertions.flatMap((one) => {
    const was = before.get(subject(one.text))
    return was !== undefined && was !== one.text && was.length > 8 ? [place(head.path, one.line, `was ${was}`)] : []
  })
}

const noTest = /^\s*(?:$|true\b|:|exit 0|echo\b)|\|\|\s*(?:true|exit 0|:)|--passWithNoTests|;\s*(?:true|exit 0)\s*$/

/** A test script in a manifest that can no longer be red. */
async function neutralisedScripts(facts: Facts): Promise<Weakening[]> {
  const found: Weakening[] = []
  for (const file of facts.files.filter((one) => baseName(one.path) === 'package.json' && existsInHead(one))) {
    const before = scriptsOf(await facts.text('base', oldPathOf(file)))
    const after = scriptsOf(await facts.text('head', file.path))
    for (const [name, command] of Object.entries(before)) {
      if (!/^(?:test|check|verify|ci)(?::|$)/.test(name) || noTest.test(command)) continue
      const now = after[name]
      if (now !== undefined && !noTest.test(now)) continue
      const line = addedLines(file).find((one) => one.text.includes(`"${name}"`))?.line ?? null
      found.push({ what: `script "${name}" can no longer fail`, place: place(file.path, line, now ?? 'removed') })
    }
  }
  return found
}

function scriptsOf(text: string | null): Record<string, string> {
  const scripts = readObject(text)?.scripts
  return typeof scripts === 'object' && scripts !== null ? (scripts as Record<string, string>) : {}
}

/** A threshold in a runner's or compiler's configuration that went down. */
function loweredBars(facts: Facts): Weakening[] {
  const bar =
    /\b(branches|functions|lines|statements|fail_under|fail-under|minimum_coverage)["']?\s*[:=]\s*(\d+(?:\.\d+)?)/
  return facts.files.filter(existsInHead).flatMap((file) => {
    if (!/(?:config|rc|setup\.cfg|pyproject|package|codecov|\.nycrc|\.c8rc)/.test(baseName(file.path))) return []
    const before = new Map<string, number>()
    for (const hunk of file.hunks) {
      for (const text of hunk.lines.filter((line) => line.startsWith('-'))) {
        const match = bar.exec(text)
        if (match) before.set(match[1] ?? '', Number(match[2]))
      }
    }
    return addedLines(file).flatMap(({ line, text }) => {
      const match = bar.exec(text)
      const was = match ? before.get(match[1] ?? '') : undefined
      if (!match || was === undefined || Number(match[2]) >= was) return []
      return [
        {
          what: `coverage bar "${match[1]}" went from ${was} to ${match[2]}`,
          place: place(file.path, line, text.trim()),
        },
      ]
    })
  })
}
