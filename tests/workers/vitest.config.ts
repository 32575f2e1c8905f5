// `npm run test:workers`: several workers on one PostgreSQL, killed, frozen and cut off.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'workers',
    include: ['tests/workers/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    root: `${import.meta.dirname}/../..`,
  },
})
