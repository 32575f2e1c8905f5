// What a rename, a move or a check asks of a language server. Two real ones stand behind it: TypeScript 7 and tsserver.

import type { Diagnostic } from '../report.ts'
import type { Edit } from '../tree/changes.ts'

/** Offsets are into the text given to `open` or `change`; files are absolute paths. */
export type Spot = { file: string; start: number; end: number }

export interface Engine {
  readonly name: string
  open(file: string, text: string): Promise<void>
  change(file: string, text: string): Promise<void>
  references(file: string, offset: number): Promise<Spot[]>
  /** Throws a Refusal when the thing there cannot be renamed. */
  rename(file: string, offset: number, newName: string): Promise<Map<string, Edit[]>>
  /** What the server would edit if the file moved; the move itself is ours. */
  willMove(from: string, to: string): Promise<Map<string, Edit[]>>
  diagnostics(file: string): Promise<Omit<Diagnostic, 'file'>[]>
  close(): Promise<void>
}

export type TextOf = (file: string) => string | null
export type StartEngine = (root: string, textOf: TextOf) => Promise<Engine>
