// What the catalog knows of one agent: plain data with {{holes}}, filled in by `launch.ts`.
import type { AgentCard } from '@seatrial/protocol'

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** Where an agent's program is found. */
export type Program =
  /** A file of the house itself, relative to its folder. */
  | { from: 'house'; file: string }
  /** A command of npm packages that `installAgent` puts into a folder of its own. `packages` are pinned. */
  | {
      from: 'npm'
      packages: Record<string, string>
      package: string
      bin: string
      /** Compiled programs under node_modules tried first, where the command is only a launcher; `PLATFORM-ARCH` is replaced. */
      native?: string[]
    }
  /** A command that the user put on their PATH; `hint` says how. */
  | { from: 'path'; bin: string; hint: string }

export interface CatalogEntry {
  id: string
  label: string
  licence: string
  origin: AgentCard['origin']
  program: Program
  /** Arguments after the program. */
  args: string[]
  /** Options of Node itself, when the program is JavaScript. */
  nodeArgs?: string[]
  /** Added to the sandbox's environment. An entry whose hole has no value is left out. */
  env: Record<string, string>
  /** Files written into the trial's HOME before the start; objects become JSON, text that starts with `#!` a program. */
  files: Record<string, Json>
  /** How it is told not to ask: nothing, an ACP session mode, or an ACP config option. */
  noAsk: null | { mode: string } | { option: string; value: string | boolean }
  mcp: AgentCard['mcp']
  wire: AgentCard['wire']
  /** Oldest Node major it runs on. */
  minNode: number
  minContextTokens: number
  firstPromptTokens: number
  seesImages: boolean
}
