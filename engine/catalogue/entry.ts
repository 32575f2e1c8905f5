// One row of the catalogue: a model people may pull, with everything known about it before a byte is fetched.
import type { ModelFile, ModelRole } from '@seatrial/protocol'

export interface Entry {
  name: string
  title: string
  licence: string
  licenceUrl: string
  /** OWNER/NAME at the hub. */
  repo: string
  /** Branch, tag or commit; what it meant at pull time is recorded with the model. */
  revision: string
  files: ModelFile[]
  roles: ModelRole[]
  /** What the model was trained for, as its publisher says. */
  contextTokens: number
  /** Name of the next smaller thing that does the same job, or null. */
  smaller: string | null
  /** File of a chat template that replaces the model's own, or null. */
  template: string | null
  /** What it is for, and published figures, said to be published. */
  note: string
}
