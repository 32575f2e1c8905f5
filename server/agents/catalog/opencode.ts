// OpenCode: permission prompts are off by default; the model must be declared to take images.
import type { CatalogEntry } from '../entry.ts'

export const opencode: CatalogEntry = {
  id: 'opencode',
  label: 'OpenCode',
  licence: 'MIT',
  origin: 'installable',
  program: {
    from: 'npm',
    packages: { 'opencode-ai': '1.18.33' },
    package: 'opencode-ai',
    bin: 'opencode',
    // The package's own choice between the two is made by an install script, which is not run.
    native: ['opencode-PLATFORM-ARCH-baseline/bin/opencode', 'opencode-PLATFORM-ARCH/bin/opencode'],
  },
  args: ['acp'],
  env: {
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
  },
  files: {
    '.config/opencode/opencode.json': {
      share: 'disabled',
      autoupdate: false,
      model: 'house/{{model}}',
      small_model: 'house/{{model}}',
      provider: {
        house: {
          npm: '@ai-sdk/openai-compatible',
          name: 'House',
          options: { baseURL: '{{baseUrl}}/v1', apiKey: '{{token}}' },
          models: {
            '{{model}}': {
              name: '{{model}}',
              attachment: '{{#modelSeesImages}}',
              modalities: { input: ['text', 'image'], output: ['text'] },
              tool_call: true,
              limit: { context: '{{#contextTokens}}', output: 8192 },
            },
          },
        },
      },
    },
  },
  noAsk: null,
  mcp: 'both',
  wire: 'openai-chat',
  minNode: 18,
  minContextTokens: 32_000,
  firstPromptTokens: 8_000,
  seesImages: true,
}
