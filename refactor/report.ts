// What every refactoring answers: places, edits, leftovers and diagnostics. Lines and columns count from 1.
import { z } from 'zod'

export const Place = z.object({ file: z.string(), line: z.number().int(), column: z.number().int() })
export type Place = z.infer<typeof Place>

/** A place that mentions the old name or path and was left alone; `why` says what kind of mention it is. */
export const Leftover = Place.extend({
  why: z.enum(['comment', 'string', 'docs', 'code', 'config', 'file-name', 'public-name', 'unresolved', 'asset']),
  text: z.string(),
})
export type Leftover = z.infer<typeof Leftover>

export const Diagnostic = Place.extend({ code: z.number().int(), message: z.string() })
export type Diagnostic = z.infer<typeof Diagnostic>

export const EditedFile = z.object({ file: z.string(), edits: z.number().int(), movedTo: z.string().optional() })
export type EditedFile = z.infer<typeof EditedFile>

/** The report of one write. `applied` is false for a dry run. Paths are relative to the root, as they were before. */
export const WriteReport = z.object({
  did: z.string(),
  applied: z.boolean(),
  engine: z.string(),
  files: z.array(EditedFile),
  edits: z.number().int(),
  leftovers: z.array(Leftover),
  /** Of the files a move touches; of a rename or rewrite only where there are errors after: elsewhere none can be new. */
  diagnosticsBefore: z.array(Diagnostic),
  diagnosticsAfter: z.array(Diagnostic),
  /** Diagnostics that were not there before, compared by file, code and count. */
  newDiagnostics: z.array(Diagnostic),
  notes: z.array(z.string()),
})
export type WriteReport = z.infer<typeof WriteReport>

/** A declaration that a name may mean. */
export const Declared = Place.extend({
  name: z.string(),
  kind: z.string(),
  container: z.string().nullable(),
  exported: z.boolean(),
})
export type Declared = z.infer<typeof Declared>
