// The only reader of this process's environment.
export interface Settings {
  /** OpenAI-compatible, e.g. `http://127.0.0.1:4141/v1`. */
  baseUrl: string
  apiKey: string
  model: string
  contextTokens: number
  /** HOME: sessions are kept below it. */
  home: string
  /** Environment of commands: without the key and without this process's own tuning. */
  commandEnv: Record<string, string>
  maxSteps: number
  /** First pause before a failed model call is made again; doubles each time. */
  retryMs: number
  maxRetries: number
}

/** Reads AGENT_*; throws one sentence when something needed is absent. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const need = (name: string): string => {
    const value = env[name]
    if (!value) throw new Error(`${name} is not set; the agent needs AGENT_BASE_URL and AGENT_MODEL.`)
    return value
  }
  const number = (name: string, fallback: number): number => {
    const value = Number(env[name])
    return Number.isFinite(value) && value > 0 ? value : fallback
  }
  const commandEnv: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !/^(AGENT|MALLOC)_/.test(name)) commandEnv[name] = value
  }
  return {
    baseUrl: need('AGENT_BASE_URL').replace(/\/$/, ''),
    apiKey: env.AGENT_API_KEY ?? 'none',
    model: need('AGENT_MODEL'),
    contextTokens: number('AGENT_CONTEXT_TOKENS', 128_000),
    home: env.HOME ?? process.cwd(),
    commandEnv,
    maxSteps: number('AGENT_MAX_STEPS', 400),
    retryMs: number('AGENT_RETRY_MS', 500),
    maxRetries: number('AGENT_MAX_RETRIES', 6),
  }
}
