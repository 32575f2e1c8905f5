// Claude Code through its ACP adapter; proprietary inside, so the user installs it and answers for its terms.
import type { CatalogEntry } from '../entry.ts'

export const claude: CatalogEntry = {
  id: 'claude',
  label: 'Claude Code',
  licence: 'Adapter Apache-2.0; Claude Code itself proprietary',
  origin: 'user',
  program: {
    from: 'path',
    bin: 'claude-agent-acp',
    hint: 'npm install -g @agentclientprotocol/claude-agent-acp@0.101.0',
  },
  args: [],
  env: {
    ANTHROPIC_BASE_URL: '{{baseUrl}}',
    ANTHROPIC_API_KEY: '{{token}}',
    ANTHROPIC_MODEL: '{{model}}',
    ANTHROPIC_SMALL_FAST_MODEL: '{{model}}',
    CLAUDE_CONFIG_DIR: '{{home}}/.claude',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    ENABLE_TOOL_SEARCH: 'false',
    IS_SANDBOX: '1',
  },
  files: {},
  noAsk: { mode: 'bypassPermissions' },
  mcp: 'both',
  wire: 'anthropic',
  minNode: 22,
  minContextTokens: 48_000,
  firstPromptTokens: 12_000,
  seesImages: true,
}
