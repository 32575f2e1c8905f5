// Plays a script instead of thinking: for the demo and for tests.
import type { CatalogEntry } from '../entry.ts'

export const scripted: CatalogEntry = {
  id: 'scripted',
  label: 'Scripted agent (plays a script, for demos and tests)',
  licence: 'Apache-2.0',
  origin: 'builtin',
  program: { from: 'house', file: 'scripted/agent.ts' },
  args: [],
  nodeArgs: ['--max-semi-space-size=1', '--disable-warning=ExperimentalWarning'],
  env: { SCRIPTED_AGENT: '{{settings.script}}' },
  files: {},
  noAsk: null,
  mcp: 'none',
  wire: 'none',
  minNode: 22,
  minContextTokens: 0,
  firstPromptTokens: 0,
  seesImages: true,
}
