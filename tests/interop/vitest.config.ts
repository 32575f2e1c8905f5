// Third-party agents, one real edit each: `npm run test:interop`. Installs pinned versions into `.cache/agents` once.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'interop',
    include: ['tests/interop/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 600_000,
    fileParallelism: false,
    maxWorkers: 1,
  },
})
