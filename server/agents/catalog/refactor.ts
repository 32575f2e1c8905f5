// Semantic refactoring as an agent: recipes instead of a model.
import type { CatalogEntry } from '../entry.ts'

export const refactor: CatalogEntry = {
  id: 'refactor',
  label: 'Refactor (no model)',
  licence: 'Apache-2.0',
  origin: 'builtin',
  program: { from: 'house', file: 'refactor/agent.ts' },
  args: [],
  nodeArgs: ['--disable-warning=ExperimentalWarning'],
  env: {},
  files: {},
  noAsk: null,
  mcp: 'none',
  wire: 'none',
  minNode: 22,
  minContextTokens: 0,
  firstPromptTokens: 0,
  seesImages: false,
}
