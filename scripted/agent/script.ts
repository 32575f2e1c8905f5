// What the scripted agent plays, as data. Read without a schema library, so that thousands of starts stay cheap.
import { readFileSync } from 'node:fs'

/** Any step may be skipped when a file exists (`unless`), so that a takeover does not do a thing twice. */
export type AgentStep = { unless?: string } & (
  | { do: 'say'; text: string }
  | { do: 'think'; text: string }
  | { do: 'plan'; entries: string[] }
  /** Nothing happens when `new` is there already. */
  | { do: 'edit'; path: string; old: string; new: string }
  | { do: 'write'; path: string; text: string }
  | { do: 'delete'; path: string }
  | { do: 'run'; command: string }
  /** Sleeps until a file exists; `~/` is HOME, relative paths are below the working directory. */
  | { do: 'wait'; file: string }
  | { do: 'sleep'; ms: number }
  | { do: 'ask'; title: string }
  /** Sends a request that no host knows, and says what came back. */
  | { do: 'request'; method: string }
  | { do: 'flood'; bytes: number; as: 'speech' | 'noise' | 'tools' | 'line' }
  /** Written to stdout as it is. */
  | { do: 'garbage'; text: string }
  | { do: 'hang'; busy?: boolean }
  | { do: 'crash' }
  | { do: 'exit'; code: number }
  | { do: 'stop'; reason: string }
)

export interface AgentScript {
  steps: AgentStep[]
  /** Steps for each message that is sent after the first turn. */
  messages?: AgentStep[][]
}

const fenced = /```script\s*\n([\s\S]*?)```/g

/** The last script in the prompt, else the file, else null. Throws when it is not JSON with a list of steps. */
export function readScript(prompt: string, file: string | undefined): AgentScript | null {
  const last = [...prompt.matchAll(fenced)].at(-1)?.[1]
  const text = last ?? (file ? readFileSync(file, 'utf8') : null)
  if (text === null) return null
  const script = JSON.parse(text) as AgentScript
  if (!Array.isArray(script.steps)) throw new Error('A script is {"steps": [...]}.')
  return script
}
