// A diff by file and hunk. Hunks carry a stable hash, so that a decision names exactly what was seen.
import { z } from 'zod'

export const Hunk = z.object({
  /** First 12 hex characters of SHA-256 over path, old start and the hunk's lines. */
  id: z.string(),
  oldStart: z.number().int(),
  oldLines: z.number().int(),
  newStart: z.number().int(),
  newLines: z.number().int(),
  /** Text after the second `@@`. */
  section: z.string(),
  /** Lines with their leading ` `, `+`, `-` or `\`. */
  lines: z.array(z.string()),
})
export type Hunk = z.infer<typeof Hunk>

export const FileDiff = z.object({
  path: z.string(),
  /** Where it was before, for renames and copies. */
  oldPath: z.string().nullable(),
  status: z.enum(['added', 'deleted', 'modified', 'renamed', 'copied', 'typechange']),
  oldMode: z.string().nullable(),
  newMode: z.string().nullable(),
  binary: z.boolean(),
  added: z.number().int(),
  removed: z.number().int(),
  hunks: z.array(Hunk),
  /** Lockfile, generated, minified or longer than 2,000 changed lines: shown collapsed. */
  collapsed: z.boolean(),
  /** Matches a sensitive path (CI, hooks, scripts): accepting it asks explicitly. */
  sensitive: z.boolean(),
})
export type FileDiff = z.infer<typeof FileDiff>

export const Diff = z.object({
  /** Trees in the house's store. */
  from: z.string(),
  to: z.string(),
  files: z.array(FileDiff),
  added: z.number().int(),
  removed: z.number().int(),
})
export type Diff = z.infer<typeof Diff>
