// A contender: an agent with a model and settings. A row of data.
import { z } from 'zod'

/** Written `agent`, `agent+model` or `agent+model@adapter`, e.g. `refactor` or `opencode+devstral@ours`. */
export const Contender = z.object({
  /** Stable name, e.g. `opencode+devstral`; unique in a house. */
  id: z.string().regex(/^[a-z0-9][a-z0-9._+:/@-]{0,119}$/i),
  /** Entry of the agent catalog, e.g. `opencode`. */
  agent: z.string(),
  /** Name of a configured model, or null for agents that need none. */
  model: z.string().nullable(),
  /** Adapter applied per request, or null. */
  adapter: z.string().nullable().default(null),
  /** Agent-specific settings, passed to the catalog's templates. */
  settings: z.record(z.string(), z.string()).default({}),
})
export type Contender = z.infer<typeof Contender>

/** Reads `agent`, `agent+model` or `agent+model@adapter` into a contender. */
export function parseContender(text: string): Contender {
  const [agentAndModel = '', adapter] = text.split('@')
  const plus = agentAndModel.indexOf('+')
  const agent = plus < 0 ? agentAndModel : agentAndModel.slice(0, plus)
  const model = plus < 0 ? null : agentAndModel.slice(plus + 1)
  return Contender.parse({ id: text, agent, model, adapter: adapter ?? null })
}
