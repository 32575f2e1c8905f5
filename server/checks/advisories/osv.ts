// One advisory in the OSV format: which versions it is about, and how bad it is. https://ossf.github.io/osv-schema/
import { z } from 'zod'
import { compareVersions } from './versions.ts'

export const ecosystems = ['npm', 'PyPI', 'crates.io', 'Go'] as const
export type Ecosystem = (typeof ecosystems)[number]

export const Severity = z.enum(['low', 'moderate', 'high', 'critical', 'unknown'])
export type Severity = z.infer<typeof Severity>

const Event = z.object({
  introduced: z.string().optional(),
  fixed: z.string().optional(),
  last_affected: z.string().optional(),
})
const Affected = z.object({
  package: z.object({ ecosystem: z.string(), name: z.string() }).optional(),
  ranges: z.array(z.object({ type: z.string(), events: z.array(Event) })).default([]),
  versions: z.array(z.string()).default([]),
})
export const OsvRecord = z.object({
  id: z.string(),
  summary: z.string().default(''),
  modified: z.string().default(''),
  withdrawn: z.string().optional(),
  aliases: z.array(z.string()).default([]),
  severity: z.array(z.object({ type: z.string(), score: z.string() })).default([]),
  database_specific: z.object({ severity: z.string().optional() }).loose().optional().catch(undefined),
  affected: z.array(Affected).default([]),
})
export type OsvRecord = z.infer<typeof OsvRecord>

/** What an index keeps of an advisory for one package. */
export interface Advisory {
  name: string
  id: string
  summary: string
  severity: Severity
  versions: string[]
  ranges: z.infer<typeof Event>[][]
}

/** The advisory by each package it is about; nothing for withdrawn ones and other ecosystems. */
export function advisoriesOf(record: OsvRecord): { ecosystem: Ecosystem; advisory: Advisory }[] {
  if (record.withdrawn) return []
  return record.affected.flatMap(({ package: of, ranges, versions }) => {
    const ecosystem = ecosystems.find((one) => one === of?.ecosystem)
    if (!ecosystem || !of) return []
    const events = ranges.filter(({ type }) => type !== 'GIT').map((range) => range.events)
    const { id, summary } = record
    const advisory = { name: of.name, id, summary, severity: severityOf(record), versions, ranges: events }
    return [{ ecosystem, advisory }]
  })
}

/** Named, or within a range: introduced at or before it, and neither fixed nor past the last affected one. */
export const affects = ({ versions, ranges }: Advisory, version: string): boolean =>
  versions.includes(version) || ranges.some((events) => inRange(events, version))

function inRange(events: Advisory['ranges'][number], version: string): boolean {
  const at = (one: Advisory['ranges'][number][number]): string =>
    one.introduced ?? one.fixed ?? one.last_affected ?? '0'
  const rank = (one: Advisory['ranges'][number][number]): number => (one.introduced === undefined ? 1 : 0)
  const order = events.toSorted((a, b) => compareVersions(at(a), at(b)) || rank(a) - rank(b))
  let inside = false
  for (const event of order) {
    if (event.introduced !== undefined) {
      if (event.introduced === '0' || compareVersions(version, event.introduced) >= 0) inside = true
    } else if (event.fixed !== undefined) {
      if (compareVersions(version, event.fixed) >= 0) inside = false
    } else if (event.last_affected !== undefined && compareVersions(version, event.last_affected) > 0) inside = false
  }
  return inside
}

/** By the database's own word, else by the CVSS 3 vector. A malicious package is critical. */
function severityOf(record: OsvRecord): Severity {
  if (record.id.startsWith('MAL-')) return 'critical'
  const said = record.database_specific?.severity?.toLowerCase() ?? ''
  const named = Severity.safeParse(said === 'medium' ? 'moderate' : said)
  if (named.success) return named.data
  const vector = record.severity.find(({ type }) => type === 'CVSS_V3')?.score
  const score = vector ? baseScore(vector) : null
  if (score === null) return 'unknown'
  return score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'moderate' : 'low'
}

const points: Record<string, Record<string, number>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
}
const privileges: Record<string, [unchanged: number, changed: number]> = {
  N: [0.85, 0.85],
  L: [0.62, 0.68],
  H: [0.27, 0.5],
}

/** CVSS 3.1 base score of a vector, section 7.1 of its specification; null when a metric is missing. */
export function baseScore(vector: string): number | null {
  const metrics = Object.fromEntries(vector.split('/').map((part) => part.split(':') as [string, string]))
  const changed = metrics.S === 'C'
  const of = (metric: string): number => points[metric]?.[metrics[metric] ?? ''] ?? Number.NaN
  const impactBase = 1 - (1 - of('C')) * (1 - of('I')) * (1 - of('A'))
  const impact = changed ? 7.52 * (impactBase - 0.029) - 3.25 * (impactBase - 0.02) ** 15 : 6.42 * impactBase
  const needed = privileges[metrics.PR ?? '']?.[changed ? 1 : 0] ?? Number.NaN
  const exploitability = 8.22 * of('AV') * of('AC') * needed * of('UI')
  const sum = impact <= 0 ? 0 : Math.min(10, (changed ? 1.08 : 1) * (impact + exploitability))
  return Number.isNaN(impact + exploitability) ? null : Math.ceil(Math.round(sum * 100_000) / 10_000) / 10
}
