// Unit tests sit beside the code; stories through the whole house are in tests/. Slow suites have their own config.
import { defineConfig } from 'vitest/config'
import { storeNodeArgs } from './cli/house-launch.ts'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{protocol,scripted,server,agent,refactor,engine,cli,web}/**/*.test.{ts,tsx}'],
          execArgv: storeNodeArgs,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'stories',
          include: ['tests/*.test.ts'],
          execArgv: storeNodeArgs,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
    maxWorkers: 2,
  },
})
