// Copilot CLI; proprietary, so the user installs it. Takes no MCP over stdio.
import type { CatalogEntry } from '../entry.ts'

export const copilot: CatalogEntry = {
  id: 'copilot',
  label: 'Copilot CLI',
  licence: 'Proprietary (GitHub)',
  origin: 'user',
  program: { from: 'path', bin: 'copilot', hint: 'npm install -g @github/copilot@1.0.102' },
  args: ['--acp'],
  env: {
    COPILOT_OFFLINE: 'true',
    COPILOT_PROVIDER_BASE_URL: '{{baseUrl}}/v1',
    COPILOT_PROVIDER_API_KEY: '{{token}}',
    COPILOT_MODEL: '{{model}}',
  },
  files: {},
  noAsk: { option: 'allow_all', value: 'on' },
  mcp: 'http',
  wire: 'openai-chat',
  minNode: 22,
  minContextTokens: 48_000,
  firstPromptTokens: 10_500,
  seesImages: true,
}
