// Who runs inside the sandbox: never uid 0.
export interface SandboxIdentity {
  uid: number
  gid: number
}

/** Outside the ranges of people (1000+), system services (<1000) and the usual sub-uid maps (100000+). */
const dedicated: SandboxIdentity = { uid: 64_400, gid: 64_400 }

/** The uid and gid a root caller drops to, which must own what the trial may write; null for an ordinary user, who stays who they are. */
export function sandboxIdentity(): SandboxIdentity | null {
  return process.getuid?.() === 0 ? dedicated : null
}
