// pi through pi-acp: small prompt, never asks, takes no MCP (the command on the PATH serves instead).
import type { CatalogEntry } from '../entry.ts'

export const pi: CatalogEntry = {
  id: 'pi',
  label: 'pi',
  licence: 'MIT',
  origin: 'installable',
  program: {
    from: 'npm',
    packages: { 'pi-acp': '0.0.34', '@earendil-works/pi-coding-agent': '0.81.1' },
    package: 'pi-acp',
    bin: 'pi-acp',
  },
  args: [],
  env: { PI_OFFLINE: '1', PI_SKIP_VERSION_CHECK: '1', PI_ACP_PI_COMMAND: '{{home}}/.seatrial/bin/pi' },
  files: {
    '.seatrial/bin/pi':
      '#!/bin/sh\nexec "{{nodeBinary}}" "{{installDir}}/node_modules/@earendil-works/pi-coding-agent/dist/cli.js" "$@"\n',
    '.pi/agent/models.json': {
      providers: {
        house: {
          baseUrl: '{{baseUrl}}/v1',
          apiKey: '{{token}}',
          api: 'openai-completions',
          models: [
            {
              id: '{{model}}',
              name: '{{model}}',
              reasoning: false,
              input: ['text', 'image'],
              contextWindow: '{{#contextTokens}}',
              maxTokens: 8192,
              cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
            },
          ],
        },
      },
    },
    '.pi/agent/settings.json': { defaultProvider: 'house', defaultModel: '{{model}}', quietStartup: true },
  },
  noAsk: null,
  mcp: 'none',
  wire: 'openai-chat',
  minNode: 22,
  minContextTokens: 16_000,
  firstPromptTokens: 1_800,
  seesImages: true,
}
