// Qwen Code: heavy (about 2 GB), large first prompt, MCP tools hidden behind a search tool.
import type { CatalogEntry } from '../entry.ts'

export const qwen: CatalogEntry = {
  id: 'qwen',
  label: 'Qwen Code',
  licence: 'Apache-2.0 in its repository; the npm package names none',
  origin: 'installable',
  program: {
    from: 'npm',
    packages: { '@qwen-code/qwen-code': '0.24.4' },
    package: '@qwen-code/qwen-code',
    bin: 'qwen',
  },
  args: ['--acp', '--auth-type', 'openai'],
  env: {
    OPENAI_API_KEY: '{{token}}',
    OPENAI_BASE_URL: '{{baseUrl}}/v1',
    OPENAI_MODEL: '{{model}}',
    QWEN_CODE_NO_RELAUNCH: 'true',
  },
  files: {
    '.qwen/settings.json': {
      general: { disableAutoUpdate: true, disableUpdateNag: true },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
    },
  },
  noAsk: { mode: 'yolo' },
  mcp: 'stdio',
  wire: 'openai-chat',
  minNode: 22,
  minContextTokens: 64_000,
  firstPromptTokens: 20_000,
  seesImages: false,
}
