// Known vulnerabilities that a candidate brings in: what its lockfiles pin, held against the advisories of this house.
import type { FileDiff } from '@seatrial/protocol'
import type { Advisory, Ecosystem, Severity } from '../advisories/osv.ts'
import { affects } from '../advisories/osv.ts'
import { count, listNames } from '../names.ts'
import { declaredIn } from '../source/dependencies.ts'
import { baseName } from '../source/file-kinds.ts'
import { type Pinned, pinnedIn, pinsPackages } from '../source/locked-packages.ts'
import { bad, type Draft, good, notMeasured, place } from './draft.ts'
import { addedLines, existsInBase, existsInHead, type Facts, oldPathOf } from './facts.ts'

interface Found {
  pinned: Pinned
  advisory: Advisory
  path: string
  line: number | null
}

const grades: Record<Severity, 'minor' | 'major' | 'critical'> = {
  low: 'minor',
  moderate: 'minor',
  high: 'major',
  // Nobody said how bad it is: that is no reason to call it small.
  unknown: 'major',
  critical: 'critical',
}

export async function measureVulnerabilities(facts: Facts): Promise<Draft> {
  const locks = facts.files.filter((file) => pinsPackages(file.path) && existsInHead(file))
  const loose = await unpinned(facts, locks)
  if (locks.length === 0 && loose.length === 0) return good('No dependency changed')
  if (locks.length === 0)
    return notMeasured(`${listNames(loose)} changed dependencies that no lockfile pins to a version`)
  if (!facts.readAdvisories) return notMeasured(facts.advisoriesMissing)

  const before: Pinned[] = []
  const after: { pinned: Pinned; file: FileDiff }[] = []
  for (const file of locks) {
    if (existsInBase(file)) before.push(...pinnedIn(oldPathOf(file), await facts.text('base', oldPathOf(file))))
    for (const pinned of pinnedIn(file.path, await facts.text('head', file.path))) after.push({ pinned, file })
  }
  const known = new Set(before.map(keyOf))
  const fresh = after.filter(({ pinned }) => !known.has(keyOf(pinned)))
  const { advisories, newest } = await advisoriesFor(
    facts,
    fresh.map(({ pinned }) => pinned),
  )
  const about = (pinned: Pinned): Advisory[] =>
    advisories.filter(
      (one) => one.ecosystem === pinned.ecosystem && sameName(one.name, pinned) && affects(one, pinned.version),
    )
  // An advisory that the base already had on an older version of the same package is not brought in.
  const old = new Set(before.flatMap((pinned) => about(pinned).map((one) => `${one.id} ${one.name}`)))
  const found: Found[] = fresh.flatMap(({ pinned, file }) =>
    about(pinned)
      .filter((one) => !old.has(`${one.id} ${one.name}`))
      .map((advisory) => ({ pinned, advisory, path: file.path, line: lineOf(file, pinned) })),
  )
  const names = [
    ...new Set(
      found.map(({ pinned, advisory }) => `${pinned.name}@${pinned.version} (${advisory.id}, ${advisory.severity})`),
    ),
  ]
  const more = {
    lists: { new: names },
    base: old.size,
    head: old.size + names.length,
    places: found.map(({ path, line, advisory }) => place(path, line, `${advisory.id}: ${advisory.summary}`)),
  }
  const dated = newest ? ` in the advisories up to ${newest}` : ''
  if (names.length === 0)
    return good(`No new known vulnerability in ${count(fresh.length, 'newly pinned package')}${dated}`, more)
  const worst = (['critical', 'major', 'minor'] as const).find((grade) =>
    found.some(({ advisory }) => grades[advisory.severity] === grade),
  )
  return bad(
    worst ?? 'major',
    `${count(names.length, 'new known vulnerability', 'new known vulnerabilities')}: ${listNames(names)}${dated}`,
    more,
  )
}

const keyOf = ({ ecosystem, name, version }: Pinned): string => `${ecosystem} ${name}@${version}`
const plainName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-')
const sameName = (name: string, pinned: Pinned): boolean =>
  name === pinned.name || (pinned.ecosystem === 'PyPI' && plainName(name) === plainName(pinned.name))

/** Manifests whose dependencies changed though no lockfile of theirs did. */
async function unpinned(facts: Facts, locks: readonly FileDiff[]): Promise<string[]> {
  if (locks.length > 0) return []
  const changed: string[] = []
  for (const file of facts.files.filter((one) => existsInHead(one) && !one.path.includes('node_modules/'))) {
    if (/^(?:Cargo\.toml|pyproject\.toml|Pipfile)$/.test(baseName(file.path)) && file.added > 0) changed.push(file.path)
    if (baseName(file.path) !== 'package.json') continue
    const before = declaredIn(existsInBase(file) ? await facts.json('base', oldPathOf(file)) : null)
    const after = declaredIn(await facts.json('head', file.path))
    if ([...after].some(([name, range]) => before.get(name) !== range)) changed.push(file.path)
  }
  return changed
}

async function advisoriesFor(
  facts: Facts,
  pinned: readonly Pinned[],
): Promise<{ advisories: (Advisory & { ecosystem: Ecosystem })[]; newest: string }> {
  const advisories: (Advisory & { ecosystem: Ecosystem })[] = []
  let newest = ''
  for (const [ecosystem, own] of Map.groupBy(pinned, (one) => one.ecosystem)) {
    const names = [...new Set(own.map(({ name }) => name))]
    const answer = await facts.readAdvisories?.(JSON.stringify({ ecosystem, names }))
    const read = JSON.parse(answer ?? '{}') as { advisories?: Advisory[]; newest?: string }
    for (const one of read.advisories ?? []) advisories.push({ ...one, ecosystem })
    newest = read.newest ?? newest
  }
  return { advisories, newest }
}

/** The added line that pins it: that of its version if it stands there, else that of its name. */
function lineOf(file: FileDiff, { name, version }: Pinned): number | null {
  const lines = addedLines(file)
  const named = lines.findIndex((one) => one.text.includes(name))
  if (named < 0) return lines.find((one) => one.text.includes(version))?.line ?? null
  const near = lines.slice(named, named + 3).find((one) => one.text.includes(version))
  return (near ?? lines[named])?.line ?? null
}
