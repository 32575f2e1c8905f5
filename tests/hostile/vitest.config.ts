// The hostile suite: slow, needs root to make its own network, runs alone (`npm run test:hostile`).
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'hostile',
    root: import.meta.dirname,
    include: ['*.test.ts'],
    testTimeout: 10_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
})
