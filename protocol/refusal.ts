// The one error class for requests the house will not carry out. All other errors are bugs.
import { z } from 'zod'

/** Refusal codes with the HTTP status and the CLI exit code each one becomes. */
export const refusals = {
  bad_request: { status: 400, exit: 2 },
  unauthenticated: { status: 401, exit: 3 },
  forbidden: { status: 403, exit: 3 },
  not_found: { status: 404, exit: 4 },
  conflict: { status: 409, exit: 1 },
  too_large: { status: 413, exit: 2 },
  unprocessable: { status: 422, exit: 2 },
  too_many: { status: 429, exit: 1 },
  unavailable: { status: 503, exit: 5 },
  no_space: { status: 507, exit: 1 },
} as const

export const RefusalCode = z.enum(Object.keys(refusals) as [keyof typeof refusals])
export type RefusalCode = keyof typeof refusals

/** What a refusal looks like on the wire. */
export const RefusalBody = z.object({
  error: z.object({ code: RefusalCode, sentence: z.string(), details: z.unknown().optional() }),
})
export type RefusalBody = z.infer<typeof RefusalBody>

/** A request that is not carried out; `sentence` says why and what to do, in one sentence. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly code: RefusalCode
  readonly details: unknown

  constructor(code: RefusalCode, sentence: string, details?: unknown) {
    super(sentence)
    this.code = code
    this.details = details
  }

  get status(): (typeof refusals)[RefusalCode]['status'] {
    return refusals[this.code].status
  }

  get exitCode(): number {
    return refusals[this.code].exit
  }

  toBody(): RefusalBody {
    return { error: { code: this.code, sentence: this.message, details: this.details } }
  }
}
