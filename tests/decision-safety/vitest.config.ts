// The long run of the safety of decisions: vitest run --config tests/decision-safety/vitest.config.ts
import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { include: ['tests/decision-safety/*.slow.ts'], fileParallelism: false } })
