// JavaScript and TypeScript projects: install, tests, types, lint and build by their scripts or by their tools.
import type { CheckSpec } from '@seatrial/protocol'
import { parse as parseJsonc } from 'jsonc-parser'
import { check, type Detection, fileIn, inPlace, jsonIn, type Place, textIn } from './detection.ts'
import { type FoundManager, findManager, managers } from './package-manager.ts'
import { nodeTestCommand, reportOf } from './test-report.ts'

/** Names of scripts by what they check; the first that exists is taken. */
const scriptNames: [CheckSpec['kind'], string[]][] = [
  ['test', ['test:ci', 'test', 'tests', 'test:unit', 'unit']],
  ['types', ['typecheck', 'type-check', 'check-types', 'check:types', 'types', 'types:check', 'tsc', 'typescript']],
  ['lint', ['lint:ci', 'lint:check', 'lint', 'eslint', 'biome:check']],
  ['build', ['build']],
]

const placeholder = /no test specified/
/** Scripts that would change what they check, or never end. */
const unfit = /--fix\b|--write\b|--apply\b|--watch\b(?!=false|\s+false)|\bnodemon\b/

export async function detectJavascript(place: Place): Promise<Detection | null> {
  const manifest = await jsonIn(place, 'package.json')
  if (!manifest) return null
  const manager = await findManager(place)
  const { lockfile } = manager
  const kind = managers[manager.name]
  const install = `${manager.command} ${lockfile ? kind.install : kind.installLoose}`
  const keyed = [lockfile ?? 'package.json', '.npmrc', '.yarnrc.yml', 'pnpm-workspace.yaml', '.pnpmfile.cjs']
  return {
    from: fileIn(place, manager.from),
    setup: [inPlace(place, install)],
    lockfiles: keyed.filter((name) => place.names.has(name)).map((name) => fileIn(place, name)),
    checks: await findChecks(place, manifest, manager),
    preset: 'npm',
  }
}

async function findChecks(
  place: Place,
  manifest: Record<string, unknown>,
  manager: FoundManager,
): Promise<CheckSpec[]> {
  const scripts = (manifest.scripts ?? {}) as Record<string, string>
  const checks: CheckSpec[] = []
  for (const [kind, names] of scriptNames) {
    const name = names.find((one) => usable(scripts[one]))
    if (name) checks.push(fromScript(place, kind, name, scripts, manager))
    else checks.push(...(await fromTools(place, kind, manifest, manager)))
  }
  return checks
}

const usable = (script: unknown): boolean =>
  typeof script === 'string' && script !== '' && !placeholder.test(script) && !unfit.test(script)

function fromScript(
  place: Place,
  kind: CheckSpec['kind'],
  name: string,
  scripts: Record<string, string>,
  { command, name: manager }: FoundManager,
): CheckSpec {
  const script = scripts[name]!
  const run = (more: string) => `${command} ${managers[manager].run(name, more)}`
  if (kind !== 'test') return check(place, kind, run(''))
  const added = reportOf(script)
  if (added) return check(place, kind, run(added.args), added.report)
  const around = scripts[`pre${name}`] ?? scripts[`post${name}`]
  const byHand = around ? null : nodeTestCommand(script)
  return byHand ? check(place, kind, byHand.command, byHand.report) : check(place, kind, run(''))
}

/** Without a script, the tools whose configuration is there. */
async function fromTools(
  place: Place,
  kind: CheckSpec['kind'],
  manifest: Record<string, unknown>,
  { command, name }: FoundManager,
): Promise<CheckSpec[]> {
  const installed = new Set(
    ['dependencies', 'devDependencies'].flatMap((key) => Object.keys((manifest[key] ?? {}) as object)),
  )
  const exec = (tool: string) => `${command} ${managers[name].exec} ${tool}`
  const has = (...files: string[]) => files.some((file) => place.names.has(file))
  if (kind === 'types' && has('tsconfig.json') && installed.has('typescript')) {
    const config = parseJsonc(await textIn(place, 'tsconfig.json')) ?? {}
    const built = Array.isArray(config.references) && config.references.length > 0
    return [check(place, kind, exec(built ? 'tsc -b' : 'tsc --noEmit -p .'))]
  }
  if (kind === 'lint' && installed.has('@biomejs/biome') && has('biome.json', 'biome.jsonc')) {
    return [check(place, kind, exec('biome check'))]
  }
  if (
    kind === 'lint' &&
    installed.has('eslint') &&
    [...place.names].some((file) => /^\.?eslint(rc|\.config)/.test(file))
  ) {
    return [check(place, kind, exec('eslint .'))]
  }
  return []
}
