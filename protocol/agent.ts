// How an agent presents itself: what the catalog says and what was found on this machine.
import { z } from 'zod'

/** One agent as `seatrial agents` and the web show it. */
export const AgentCard = z.object({
  id: z.string(),
  label: z.string(),
  licence: z.string(),
  /** `builtin` ships with the house; `installable` is on npm; `user` must be installed by the user. */
  origin: z.enum(['builtin', 'installable', 'user']),
  /** Whether it can run now, and if not the one sentence that says what to do. */
  ready: z.boolean(),
  missing: z.string().nullable(),
  version: z.string().nullable(),
  /** Whether it needs a model at all, and the wire format it speaks to it. */
  wire: z.enum(['none', 'openai-chat', 'openai-responses', 'anthropic', 'gemini']),
  /** Tokens of the first request, so that a small model's context can be judged; 0 when no model is used. */
  firstPromptTokens: z.number(),
  minContextTokens: z.number(),
  seesImages: z.boolean(),
  mcp: z.enum(['stdio', 'http', 'both', 'none']),
})
export type AgentCard = z.infer<typeof AgentCard>
