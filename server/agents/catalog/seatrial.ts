// Our own agent: small prompt, any OpenAI-compatible model.
import type { CatalogEntry } from '../entry.ts'

export const seatrial: CatalogEntry = {
  id: 'seatrial',
  label: 'Seatrial agent',
  licence: 'Apache-2.0',
  origin: 'builtin',
  program: { from: 'house', file: 'agent/main.ts' },
  args: [],
  nodeArgs: ['--max-semi-space-size=1', '--disable-warning=ExperimentalWarning'],
  env: {
    // One arena, memory given back early, a small young generation: many of these run side by side.
    MALLOC_ARENA_MAX: '1',
    MALLOC_TRIM_THRESHOLD_: '65536',
    MALLOC_MMAP_THRESHOLD_: '65536',
    AGENT_BASE_URL: '{{baseUrl}}/v1',
    AGENT_API_KEY: '{{token}}',
    AGENT_MODEL: '{{model}}',
    AGENT_CONTEXT_TOKENS: '{{contextTokens}}',
  },
  files: {},
  noAsk: null,
  mcp: 'both',
  wire: 'openai-chat',
  minNode: 22,
  minContextTokens: 8_000,
  firstPromptTokens: 1_500,
  seesImages: true,
}
