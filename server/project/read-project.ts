// Settings of a project: what its `.seatrial/config.toml` says, and for the rest what its files give away.
import { join } from 'node:path'
import { CheckSpec, ProjectSettings } from '@seatrial/protocol'
import { z } from 'zod'
import { detectGo, detectMake, detectRust } from './detect/compiled.ts'
import { type Detection, lookAt, type Place } from './detect/detection.ts'
import { detectCursorEnvironment, detectCursorWorktrees, detectDevcontainer } from './detect/editor.ts'
import { detectJavascript } from './detect/javascript.ts'
import { detectPython } from './detect/python.ts'
import { readToml } from './read-toml.ts'
import { defaultSensitive } from './sensitive.ts'

export const configFile = '.seatrial/config.toml'

/** In the file a misspelt key of a check is a mistake too. */
const WrittenSettings = ProjectSettings.extend({ checks: z.array(CheckSpec.strict()).default([]) })

/** Settings with, for each that was not written down, the file it came from. */
export interface ReadProject {
  settings: ProjectSettings
  detectedFrom: Record<string, string>
}

/** `path` is the root of the repository. Throws a refusal for a file with a mistake. */
export async function readProject(path: string): Promise<ReadProject> {
  const config = await readToml(join(path, configFile), configFile, WrittenSettings, ['env'])
  const settings = config?.value ?? ProjectSettings.parse({})
  const given = config?.given ?? {}
  const detectedFrom: Record<string, string> = {}
  const languages = await detectLanguages(path)
  const declared = await detectDeclared(path)

  const take = <Key extends keyof ProjectSettings>(key: Key, value: ProjectSettings[Key], from: string[]): void => {
    if (key in given || from.length === 0) return
    settings[key] = value
    detectedFrom[key] = [...new Set(from)].join(', ')
  }
  const setup = setupOf(languages, declared)
  take('setup', setup.commands, setup.from)
  const from = (key: 'lockfiles' | 'env' | 'carry', all: Detection[]) =>
    all.filter((one) => one[key] !== undefined).map((one) => one.from)
  const all = [...languages, ...declared]
  const lockfiles = [...new Set(languages.flatMap((one) => one.lockfiles ?? []))]
  take('lockfiles', lockfiles, from('lockfiles', languages))
  take('env', Object.assign({}, ...all.map((one) => one.env ?? {})), from('env', all))
  take('carry', [...new Set(declared.flatMap((one) => one.carry ?? []))], from('carry', declared))
  const checks = checksOf(languages)
  take('checks', checks.specs, checks.from)

  if (!('presets' in ((given.egress ?? {}) as object))) {
    const preset = languages.filter((one) => one.preset)
    settings.egress.presets = [...new Set(preset.map((one) => one.preset!))]
    if (preset.length > 0) detectedFrom['egress.presets'] = [...new Set(preset.map((one) => one.from))].join(', ')
  }
  settings.sensitive = [...new Set([...defaultSensitive, ...settings.sensitive])]
  return { settings, detectedFrom }
}

const languageDetectors = [detectJavascript, detectPython, detectGo, detectRust, detectMake]
const mostFolders = 40

/** At the top, or where nothing is there, in the folders right below it. */
async function detectLanguages(root: string): Promise<Detection[]> {
  const top = await lookAt(root, '')
  const found = await detectIn(top)
  if (found.length > 0) return found
  const folders = [...top.names].filter((name) => !/^(\.|node_modules$)/.test(name)).toSorted()
  const below: Detection[] = []
  for (const name of folders.slice(0, mostFolders)) below.push(...(await detectIn(await lookAt(root, name))))
  return below
}

async function detectIn(place: Place): Promise<Detection[]> {
  const found = await Promise.all(languageDetectors.map((detect) => detect(place)))
  return found.filter((one) => one !== null)
}

/** Declared set-ups, the strongest first. */
async function detectDeclared(root: string): Promise<Detection[]> {
  const detectors = [detectCursorEnvironment, detectCursorWorktrees, detectDevcontainer]
  const found = await Promise.all(detectors.map((detect) => detect(root)))
  return found.filter((one) => one !== null)
}

/** The strongest declared set-up; a dev container's may rely on an image, so an install it does not mention goes first. */
function setupOf(languages: Detection[], declared: Detection[]): { commands: string[]; from: string[] } {
  const installs = languages.filter((one) => one.setup)
  const own = declared.find((one) => one.setup)
  if (!own?.setup) return { commands: installs.flatMap((one) => one.setup!), from: installs.map((one) => one.from) }
  const text = own.setup.join('\n')
  const missing = /devcontainer/.test(own.from) ? installs.filter((one) => !mentions(text, one)) : []
  return {
    commands: [...missing.flatMap((one) => one.setup!), ...own.setup],
    from: [...missing.map((one) => one.from), own.from],
  }
}

const installWords: Record<string, RegExp> = {
  npm: /\b(npm|pnpm|yarn|bun|corepack)\b/,
  pypi: /\b(pip|uv|poetry|pdm|pipenv)\b/,
  go: /\bgo (mod|get|install)\b/,
  crates: /\bcargo\b/,
}
const mentions = (text: string, detection: Detection): boolean =>
  installWords[detection.preset ?? '']?.test(text) ?? false

/** A later detector (make) only adds kinds that nothing before it covers in the same folder. */
function checksOf(languages: Detection[]): { specs: ProjectSettings['checks']; from: string[] } {
  const specs: ProjectSettings['checks'] = []
  const from: string[] = []
  const names = new Set<string>()
  for (const one of languages) {
    const covered = new Set(specs.map((spec) => `${spec.kind} ${spec.cwd}`))
    const fresh = (one.checks ?? []).filter((spec) => one.preset || !covered.has(`${spec.kind} ${spec.cwd}`))
    for (const spec of fresh) {
      // Two languages in one folder: tell their checks apart.
      const name = names.has(spec.name) ? `${spec.name} (${one.preset ?? 'make'})` : spec.name
      names.add(name)
      specs.push({ ...spec, name })
    }
    if (fresh.length > 0) from.push(one.from)
  }
  return { specs, from }
}
