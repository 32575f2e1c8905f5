// Gemini CLI: speaks the Gemini wire, asks unless in yolo mode, needs a kill to end.
import type { CatalogEntry } from '../entry.ts'

export const gemini: CatalogEntry = {
  id: 'gemini',
  label: 'Gemini CLI',
  licence: 'Apache-2.0',
  origin: 'installable',
  program: {
    from: 'npm',
    packages: { '@google/gemini-cli': '0.61.0' },
    package: '@google/gemini-cli',
    bin: 'gemini',
  },
  args: ['--acp', '--skip-trust', '-m', 'gemini-2.5-pro'],
  env: {
    GEMINI_API_KEY: '{{token}}',
    GOOGLE_GEMINI_BASE_URL: '{{baseUrl}}',
    GEMINI_CLI_NO_RELAUNCH: 'true',
    GEMINI_TELEMETRY_ENABLED: 'false',
  },
  files: {
    '.gemini/settings.json': {
      security: { auth: { selectedType: 'gemini-api-key' } },
      general: { disableAutoUpdate: true, disableUpdateNag: true, enableAutoUpdate: false },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
    },
  },
  noAsk: { mode: 'yolo' },
  mcp: 'both',
  wire: 'gemini',
  minNode: 20,
  minContextTokens: 48_000,
  firstPromptTokens: 14_000,
  seesImages: true,
}
