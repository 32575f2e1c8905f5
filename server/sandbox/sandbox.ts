// The port of the sandbox: what a process inside may read, write, reach and spend.
import type { DoctorFinding, SandboxLevel } from '@seatrial/protocol'

/** The tree a trial works on, as the sandbox has to mount it. */
export type TreeMount =
  /** A directory that is ready to use (snapshot, copy, or an overlay mounted by the root helper). */
  | { kind: 'directory'; dir: string }
  /** An overlay the sandbox mounts itself, unprivileged, in its own mount namespace. Topmost layer first. */
  | { kind: 'overlay'; lower: string[]; upper: string; work: string }

export interface SandboxLimits {
  memoryMb: number
  cpus: number
  pids: number
  /** Cap of the private home and /tmp. */
  diskMb: number
}

export interface SandboxPolicy {
  /** Names cgroup and logs; unique per trial stage. */
  name: string
  level: SandboxLevel
  tree: TreeMount
  /** Where the tree appears inside: the user's own checkout path, so that absolute paths agree. */
  mountAt: string
  /** Host directory that is the private, writable HOME inside; lives as long as the trial. */
  home: string
  /** Host paths visible read-only at the same path (runtime, the house's own tools, git objects). */
  readOnly: string[]
  /** The whole environment inside; nothing is inherited. */
  env: Record<string, string>
  /** TCP ports on 127.0.0.1 inside, each forwarded to a Unix socket of the house; nothing else is reachable. */
  forwards: Record<number, string>
  limits: SandboxLimits
}

export interface SandboxedProcess {
  readonly pid: number
  readonly stdin: NodeJS.WritableStream
  readonly stdout: NodeJS.ReadableStream
  readonly stderr: NodeJS.ReadableStream
  /** Never rejects. */
  readonly exited: Promise<{ code: number | null; signal: string | null }>
  /** Kills the process and everything it started, daemons included; resolves when none is left. */
  kill(): Promise<void>
}

export interface SpawnOptions {
  /** Relative to the tree's root; `.` when left out. */
  cwd?: string
  /** Added to the policy's environment. */
  env?: Record<string, string>
}

export interface Sandbox {
  readonly policy: SandboxPolicy
  /** Starts a command inside. Throws `Refusal` when the level cannot be kept on this machine. */
  spawn(argv: [string, ...string[]], options?: SpawnOptions): Promise<SandboxedProcess>
  /** Stops all processes (SIGSTOP or cgroup freezer) while the house looks at the tree; resumes after. */
  frozen<T>(look: () => Promise<T>): Promise<T>
  /** Kills everything and releases cgroup and mounts; safe to call twice. */
  close(): Promise<void>
}

/** What this machine can enforce; each missing layer is named with what is lost. */
export interface SandboxReport {
  /** The highest level that can be kept. */
  best: SandboxLevel
  findings: DoctorFinding[]
}
