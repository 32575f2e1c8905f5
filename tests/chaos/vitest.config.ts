// `npm run test:chaos`: SEATRIAL_KILLS and SEATRIAL_SEED choose how long and which run; both stores side by side.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'chaos',
    include: ['tests/chaos/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 6 * 3_600_000,
    hookTimeout: 600_000,
    root: `${import.meta.dirname}/../..`,
  },
})
