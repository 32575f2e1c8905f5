// Codex through its ACP adapter. Its own sandbox cannot start inside ours, so full access is mandatory.
import type { CatalogEntry } from '../entry.ts'

export const codex: CatalogEntry = {
  id: 'codex',
  label: 'Codex',
  licence: 'Apache-2.0',
  origin: 'installable',
  program: {
    from: 'npm',
    packages: { '@agentclientprotocol/codex-acp': '2.6.0' },
    package: '@agentclientprotocol/codex-acp',
    bin: 'codex-acp',
  },
  args: [],
  env: {
    CODEX_HOME: '{{home}}/.codex',
    HOUSE_TOKEN: '{{token}}',
    MODEL_PROVIDER: 'house',
    NO_BROWSER: '1',
    INITIAL_AGENT_MODE: 'agent-full-access',
  },
  files: {
    '.codex/config.toml': [
      'model = "{{model}}"',
      'model_provider = "house"',
      'model_context_window = {{contextTokens}}',
      'approval_policy = "never"',
      'sandbox_mode = "danger-full-access"',
      'check_for_update_on_startup = false',
      '[analytics]',
      'enabled = false',
      '[model_providers.house]',
      'name = "House"',
      'base_url = "{{baseUrl}}/v1"',
      'env_key = "HOUSE_TOKEN"',
      'wire_api = "responses"',
      '',
    ].join('\n'),
  },
  noAsk: null,
  mcp: 'both',
  wire: 'openai-responses',
  minNode: 20,
  minContextTokens: 32_000,
  firstPromptTokens: 10_000,
  seesImages: true,
}
