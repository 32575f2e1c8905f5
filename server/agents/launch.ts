// Makes the command line, environment and config files of one start from a catalog entry.
import { delimiter, dirname, join } from 'node:path'
import type { AgentTurn } from './agent.ts'
import type { CatalogEntry } from './entry.ts'
import { fillJson, fillText, type HoleValues } from './fill.ts'
import type { AgentPlaces, FoundProgram } from './find.ts'

export interface Launch {
  argv: [string, ...string[]]
  env: Record<string, string>
  /** Path relative to HOME, and text. */
  files: [path: string, text: string][]
}

/** Context assumed for a model whose size nobody named. */
const defaultContextTokens = 128_000

export function planLaunch(
  entry: CatalogEntry,
  found: FoundProgram,
  places: AgentPlaces,
  turn: Pick<AgentTurn, 'contender' | 'gateway' | 'cwd'> & { homeInside: string; pathInside: string },
): Launch {
  const { gateway } = turn
  const values: HoleValues = {
    baseUrl: gateway?.baseUrl.replace(/\/(v1\/?)?$/, '') ?? null,
    token: gateway?.token ?? null,
    model: gateway?.model ?? null,
    contextTokens: String(gateway?.contextTokens ?? defaultContextTokens),
    modelSeesImages: String(gateway?.seesImages ?? true),
    home: turn.homeInside,
    cwd: turn.cwd,
    houseDir: places.houseDir,
    installDir: found.installDir,
    nodeBinary: places.nodeBinary,
  }
  for (const [name, value] of Object.entries(turn.contender.settings)) values[`settings.${name}`] = value
  const args = entry.args.map((arg) => fillText(arg, values) ?? '').filter(Boolean)
  const argv: Launch['argv'] = found.javascript
    ? [places.nodeBinary, ...(entry.nodeArgs ?? []), found.file, ...args]
    : [found.file, ...args]
  // The `refactor` command serves agents that take no MCP. Node comes last: a project's own must stay the one found.
  const path = [turn.pathInside, join(places.houseDir, 'refactor/bin'), dirname(places.nodeBinary)]
  const env: Record<string, string> = { PATH: path.filter(Boolean).join(delimiter) }
  for (const [name, text] of Object.entries(entry.env)) {
    const value = fillText(text, values)
    if (value !== null) env[name] = value
  }
  const files = Object.entries(entry.files).map(([path, json]): [string, string] => {
    const filled = fillJson(json, values)
    return [path, typeof filled === 'string' ? filled : `${JSON.stringify(filled, null, 2)}\n`]
  })
  return { argv, env, files }
}
