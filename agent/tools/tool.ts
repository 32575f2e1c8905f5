// What a tool is: one file each in this folder, one line each in `tools.ts`.
import type { ZodType } from 'zod'

/** What tools act on. */
export interface World {
  /** Absolute; nothing outside is read or written by the file tools. */
  cwd: string
  commandEnv: Record<string, string>
  signal: AbortSignal
  /** Characters of one tool's output that the model gets. */
  maxOutput: number
  /** Output so far of a command that runs. */
  onOutput(text: string): void
}

export interface AgentTool<Input = never> {
  name: string
  description: string
  schema: ZodType<Input>
  /** ACP's kind, which also says whether the tree may change. */
  kind: 'read' | 'search' | 'edit' | 'execute' | 'other'
  title(input: Input): string
  paths(input: Input): string[]
  /** Returns what the model reads; an error thrown is told to the model as a failure. */
  run(input: Input, world: World): Promise<string>
}

/** Keeps the start and the end of a long text, and says how much is missing. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text
  const head = Math.floor(max / 3)
  const tail = max - head
  return `${text.slice(0, head)}\n[... ${text.length - max} characters left out ...]\n${text.slice(-tail)}`
}
