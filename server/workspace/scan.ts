// What differs between a workspace and its base, as a list of paths; two ways to find it, one shape of answer.
import type { Stats } from 'node:fs'

/** A path that may have changed. `gone` means file or folder; the rest is as found on disk. Paths are bytes as characters. */
export type Change = { path: string; kind: 'gone' } | { path: string; kind: 'file' | 'link'; stat: Stats }

export interface Scan {
  changes: Change[]
  /** What was left out and why, a sentence each. */
  findings: string[]
}

export interface ScanLimits {
  /** Larger files stay out of snapshots. */
  fileBytes: number
  files: number
}

export const scanLimits: ScanLimits = { fileBytes: 100 * 1024 * 1024, files: 200_000 }

/** Sorts one thing found on disk into changes and findings. */
export function note(scan: Scan, limits: ScanLimits, path: string, stat: Stats): void {
  const shown = Buffer.from(path, 'latin1').toString('utf8')
  if (scan.changes.length >= limits.files) {
    if (scan.changes.length === limits.files)
      scan.findings.push(`More than ${limits.files} changed files; the rest is left out.`)
    if (scan.changes.length === limits.files) scan.changes.push({ path: '', kind: 'gone' })
    return
  }
  if (stat.isSymbolicLink()) scan.changes.push({ path, kind: 'link', stat })
  else if (!stat.isFile()) scan.findings.push(`Left out ${shown}: neither a file nor a link.`)
  else if (stat.size > limits.fileBytes) {
    scan.findings.push(`Left out ${shown}: ${Math.round(stat.size / 2 ** 20)} MB, more than a snapshot takes per file.`)
  } else scan.changes.push({ path, kind: 'file', stat })
}
