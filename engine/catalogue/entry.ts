// One row of the catalogue: a model people may pull, with everything known about it before a byte is fetched.
import type { ModelFile, ModelRole } from '@seatrial/protocol'

export interface Entry {
  name: string
  title: string
  licence: string
  licenceUrl: string
  /** OWNER/NAME at the hub. */
  repo: string
  /** The commit that the sizes and checksums below belong to, so that a later upload cannot change what is pulled. */
  revision: string
  files: ModelFile[]
  roles: ModelRole[]
  /** What the model was trained for, as its publisher says. */
  contextTokens: number
  /** Bytes of cache a token takes; what the head of the file says decides, this is for lists that fetch nothing. */
  cacheBytesPerToken: number
  /** Name of the next smaller thing that does the same job, or null. */
  smaller: string | null
  /** File of a chat template that replaces the model's own, or null. */
  template: string | null
  /** The unquantised weights at the hub that trainers start from, or null where nobody tunes it. */
  base: string | null
  /** What it is for, and published figures, said to be published. */
  note: string
}
