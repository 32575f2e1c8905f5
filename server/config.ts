// The only reader of the environment. Everything else takes values.
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const Environment = z.object({
  SEATRIAL_HOME: z.string().optional(),
  DATABASE_URL: z.string().optional(),
  SEATRIAL_HOST: z.string().optional(),
  /** 0 lets the system choose. */
  SEATRIAL_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  SEATRIAL_WORKERS: z.coerce.number().int().min(0).max(64).optional(),
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin'),
})

export interface Config {
  dataDir: string
  databaseUrl: string | null
  /** These override house.toml where they are set. */
  host: string | null
  port: number | null
  workers: number | null
  /** The user's PATH, searched for agents and tools. */
  path: string
  /** The user's home, for agents that are installed there. */
  home: string
  /** The environment itself, for secrets named in house.toml and for npm when it installs agents. */
  env: Record<string, string | undefined>
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
    host: values.SEATRIAL_HOST ?? null,
    port: values.SEATRIAL_PORT ?? null,
    workers: values.SEATRIAL_WORKERS ?? null,
    path: values.PATH,
    home: homedir(),
    env,
    houseDir: dirname(dirname(fileURLToPath(import.meta.url))),
    node: process.execPath,
    version,
  }
}
