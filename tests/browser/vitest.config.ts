// Stories in a real browser against a real house: `vitest run --config tests/browser/vitest.config.ts`.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'browser',
    include: ['tests/browser/*.test.ts'],
    globalSetup: ['tests/browser/build.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    maxWorkers: 1,
  },
})
