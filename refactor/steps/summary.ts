// What happened, in words for people.
import type { Leftover, WriteReport } from '../report.ts'
import type { Verification } from '../verify/verify.ts'
import type { Outcome } from './run-steps.ts'

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
const maxListed = 12

export function aboutWrite(report: WriteReport): string {
  const moved = report.files.filter((file) => file.movedTo).length
  const parts = [
    `${plural(report.edits, 'edit')} in ${plural(report.files.filter((file) => file.edits > 0).length, 'file')}`,
  ]
  if (moved > 0) parts.push(`${plural(moved, 'file')} moved`)
  parts.push(report.leftovers.length === 0 ? 'no leftovers' : plural(report.leftovers.length, 'leftover'))
  const { diagnosticsBefore: before, diagnosticsAfter: after, newDiagnostics: added } = report
  const known = after.length === 0 ? 'none after' : `${before.length} before, ${after.length} after`
  parts.push(added.length === 0 ? `no new errors (${known})` : plural(added.length, 'new error'))
  return `${report.applied ? '' : 'Dry run: '}${report.did}: ${parts.join(', ')}.`
}

export function aboutVerification(one: Verification): string {
  const projects = plural(one.projects.length, 'project')
  if (one.after.length === 0) return `Verified: ${one.compiler} finds no error in ${projects}, in a clean copy.`
  const known = `${plural(one.before?.length ?? 0, 'error')} before, ${one.after.length} after`
  if (one.ok) return `Verified: ${one.compiler} finds no new error in ${projects} (${known}).`
  return `Not verified: ${one.compiler} finds ${plural(one.newDiagnostics.length, 'new error')} in ${projects} (${known}):\n${list(one.newDiagnostics.map((each) => `${each.file}:${each.line} TS${each.code} ${each.message}`))}`
}

export function leftoverLines(leftovers: Leftover[]): string {
  return list(leftovers.map((one) => `${one.file}:${one.line} (${one.why}) ${one.text}`))
}

export function summary(outcome: Outcome): string {
  const parts: string[] = []
  for (const report of outcome.reports) {
    parts.push(aboutWrite(report))
    if (report.leftovers.length > 0) parts.push(`Left alone, for you to look at:\n${leftoverLines(report.leftovers)}`)
    if (report.notes.length > 0) parts.push(list(report.notes))
    if (report.newDiagnostics.length > 0)
      parts.push(
        `New errors:\n${list(report.newDiagnostics.map((one) => `${one.file}:${one.line} TS${one.code} ${one.message}`))}`,
      )
  }
  if (outcome.verification) parts.push(aboutVerification(outcome.verification))
  if (outcome.refused) parts.push(`Refused: ${outcome.refused}`)
  if (outcome.cancelled) parts.push('Cancelled; the steps that were finished stand.')
  return parts.join('\n\n')
}

const list = (lines: string[]): string =>
  [
    ...lines.slice(0, maxListed).map((one) => `- ${one}`),
    ...(lines.length > maxListed ? [`- and ${lines.length - maxListed} more`] : []),
  ].join('\n')
