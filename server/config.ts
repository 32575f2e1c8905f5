// The only reader of the environment. Everything else takes values.
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const Environment = z.object({
  SEATRIAL_HOME: z.string().optional(),
  DATABASE_URL: z.string().optional(),
  SEATRIAL_HOST: z.string().default('127.0.0.1'),
  /** 0 lets the system choose. */
  SEATRIAL_PORT: z.coerce.number().int().min(0).max(65_535).default(7420),
  SEATRIAL_WORKERS: z.coerce.number().int().min(0).max(64).default(4),
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin'),
})

export interface Config {
  dataDir: string
  databaseUrl: string | null
  host: string
  port: number
  workers: number
  /** The user's PATH, searched for agents and tools. */
  path: string
  /** The user's home, for agents that are installed there. */
  home: string
  /** Environment of npm when it installs agents: proxy, registry, cache. */
  npmEnv: Record<string, string | undefined>
  /** Folder of this installation: its packages are shown read-only inside sandboxes. */
  houseDir: string
  /** The running Node binary. */
  node: string
  version: string
}

/** Reads the environment once, at start. */
export function readConfig(env: Record<string, string | undefined>, version: string): Config {
  const values = Environment.parse(env)
  return {
    dataDir: resolve(values.SEATRIAL_HOME ?? join(homedir(), '.seatrial')),
    databaseUrl: values.DATABASE_URL || null,
    host: values.SEATRIAL_HOST,
    port: values.SEATRIAL_PORT,
    workers: values.SEATRIAL_WORKERS,
    path: values.PATH,
    home: homedir(),
    npmEnv: env,
    houseDir: dirname(dirname(fileURLToPath(import.meta.url))),
    node: process.execPath,
    version,
  }
}
