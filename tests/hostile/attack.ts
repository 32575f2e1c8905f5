// What an attack is: a row of data. Every attack first has to succeed with its layer removed, or it proves nothing.
import type { SandboxPolicy } from '../../server/sandbox/sandbox.ts'
import type { World } from './world.ts'

export interface Attempt {
  out: string
  err: string
  code: number | null
  signal: string | null
  durationMs: number
}

export interface Attack {
  name: string
  /** The layer that stops it. */
  layer:
    | 'mounts'
    | 'pid namespace'
    | 'network namespace'
    | 'ipc namespace'
    | 'user namespace'
    | 'identity'
    | 'system calls'
    | 'limits'
    | 'proxy'
    | 'launcher'
    | 'plain text'
  /** Shell, or Python, run inside; `env` of the world says where things are. */
  script?: string
  language?: 'sh' | 'python'
  /** Did it get what it wanted? Looked at from outside wherever that can be. */
  succeeded(world: World, attempt: Attempt): boolean | Promise<boolean>
  /** Who has to start the house for the attack to make sense: some need a root caller to succeed unsandboxed. */
  caller?: 'root'
  /** Limits only a control group can keep, so only level `strict`. */
  strictOnly?: boolean
  /** What is taken away to show that the attack works: the sandbox (the default), or only the proxy's rules, or the text filter. */
  control?: 'off' | 'open proxy' | 'raw text'
  policy?: (world: World) => Partial<SandboxPolicy>
  /** Puts things into the world first; false when a tool for it is missing here. */
  prepare?: (world: World) => boolean
  /** Run in place of the script's interpreter. */
  argv?: [string, ...string[]]
  /** The house is killed in the middle. */
  killHouse?: boolean
  /** Time to wait after the command's end before looking. */
  patienceMs?: number
}

/** The attempt printed the secret that it was after. */
export const printedSecret = (world: World, { out }: Attempt): boolean => out.includes(world.secret)

/** The canary outside carries the attacker's mark. */
export const canaryChanged = (world: World): boolean => world.read('canary').includes('pwned')

/** The attempt printed this line. */
export const said =
  (line: string) =>
  (_world: World, { out }: Attempt): boolean =>
    out.split('\n').includes(line)
