// Exit codes, documented in docs/cli.md. A refusal carries its own (protocol/refusal.ts) from the same scale.
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  auth: 3,
  notFound: 4,
  unreachable: 5,
  needsHuman: 6,
  timedOut: 7,
  interrupted: 130,
} as const
