// Cline: leaves a hub daemon behind and ignores the model's name; both are the house's business, not its own.
import type { CatalogEntry } from '../entry.ts'

export const cline: CatalogEntry = {
  id: 'cline',
  label: 'Cline',
  licence: 'Apache-2.0',
  origin: 'installable',
  program: { from: 'npm', packages: { cline: '3.0.65' }, package: 'cline', bin: 'cline' },
  args: ['--acp'],
  env: { CLINE_PROVIDER: 'openai-compatible', CLINE_API_KEY: '{{token}}', CLINE_MODEL: '{{model}}' },
  files: {
    '.cline/data/settings/providers.json': {
      version: 1,
      lastUsedProvider: 'openai-compatible',
      providers: {
        'openai-compatible': {
          settings: {
            provider: 'openai-compatible',
            apiKey: '{{token}}',
            model: '{{model}}',
            baseUrl: '{{baseUrl}}/v1',
          },
          updatedAt: '2026-01-01T00:00:00.000Z',
          tokenSource: 'manual',
        },
      },
    },
  },
  noAsk: { option: 'auto_approve', value: true },
  mcp: 'none',
  wire: 'openai-chat',
  minNode: 20,
  minContextTokens: 32_000,
  firstPromptTokens: 5_500,
  seesImages: false,
}
