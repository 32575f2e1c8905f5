// Kimi Code: the largest first prompt of all; asks for shell commands unless in yolo mode.
import type { CatalogEntry } from '../entry.ts'

export const kimi: CatalogEntry = {
  id: 'kimi',
  label: 'Kimi Code',
  licence: 'MIT',
  origin: 'installable',
  program: {
    from: 'npm',
    packages: { '@moonshot-ai/kimi-code': '2.1.0' },
    package: '@moonshot-ai/kimi-code',
    bin: 'kimi',
  },
  args: ['acp'],
  env: {
    KIMI_MODEL_NAME: '{{model}}',
    KIMI_MODEL_PROVIDER_TYPE: 'openai',
    KIMI_MODEL_BASE_URL: '{{baseUrl}}/v1',
    KIMI_MODEL_API_KEY: '{{token}}',
    KIMI_MODEL_MAX_CONTEXT_SIZE: '{{contextTokens}}',
  },
  files: {},
  noAsk: { mode: 'yolo' },
  mcp: 'both',
  wire: 'openai-chat',
  minNode: 22,
  minContextTokens: 64_000,
  firstPromptTokens: 22_000,
  seesImages: true,
}
