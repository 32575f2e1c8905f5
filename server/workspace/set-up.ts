// What a set-up depends on: which of its commands only install what a lockfile says, and which files they read besides.
import { basename } from 'node:path/posix'

const flags = String.raw`( --?[\w-]+(=[\w./:-]+)?)*`

/** One step between `&&`, each of which leaves dependencies as the lockfile says and touches nothing else. */
const installSteps: RegExp[] = [
  /cd ('[^']*'|[\w./-]+)/,
  new RegExp(`npm (ci|install|i)${flags}`),
  new RegExp(`(corepack )?pnpm (install|i)${flags}`),
  new RegExp(`(corepack )?yarn( install)?${flags}`),
  new RegExp(`bun (install|i)${flags}`),
  /corepack enable/,
  new RegExp(`uv sync${flags}`),
  new RegExp(`poetry install${flags}`),
  new RegExp(`(pdm|pipenv) (install|sync)${flags}`),
  /python3? -m venv \.venv/,
  /printf '\*\\n' > \.venv\/\.gitignore/,
  /\.venv\/bin\/pip install( -r [\w./-]+| -e ('[^']*'|\.))+/,
  /go mod download/,
  new RegExp(`cargo fetch${flags}`),
  new RegExp(`(bundle|composer) install${flags}`),
].map(({ source }) => new RegExp(`^(${source})$`))

/** Whether a set-up command does nothing but install. */
export const isInstall = (command: string): boolean =>
  command.split(' && ').every((step) => installSteps.some((known) => known.test(step.trim())))

/** Files an install or a checkout reads besides lockfiles, by name, wherever they lie. */
const inputNames =
  /^(\.npmrc|\.yarnrc(\.yml)?|\.pnpmfile\.c?js|pnpm-workspace\.yaml|bunfig\.toml|lerna\.json|\.nvmrc|\.node-version|\.python-version|\.tool-versions|rust-toolchain(\.toml)?|pyproject\.toml|setup\.(py|cfg)|Pipfile|(.*-)?(requirements|constraints)(.*)\.txt|Cargo\.toml|go\.(mod|work)|Gemfile|composer\.json|\.gitattributes|\.gitmodules)$/
/** Folders whose files take part in an install. */
const inputFolders = /(^|\/)(patches|\.yarn|\.cargo)\//

/** Whether a changed file calls for the whole set-up; a `package.json` only where `manifestsDiffer` says so. */
export function readBySetup(path: string, commands: string[]): boolean {
  if (inputNames.test(basename(path)) || inputFolders.test(path)) return true
  return commands.some((command) => command.includes(basename(path)))
}

export const isManifest = (path: string): boolean => basename(path) === 'package.json'

/** What an install reads of a `package.json`; the rest (other scripts, exports, settings of tools) may change freely. */
const manifestFields = [
  ...['name', 'version', 'bin', 'workspaces', 'packageManager', 'overrides', 'resolutions', 'pnpm', 'engines'],
  ...['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'bundledDependencies'],
  ...['dependenciesMeta', 'peerDependenciesMeta', 'patchedDependencies', 'trustedDependencies', 'allowScripts'],
]
/** Scripts that run with every install. */
const lifecycle = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare']
/** Git hooks are set up by these, and a trial has no hooks. */
const hookManager = /^(npx )?(husky|lefthook|simple-git-hooks|is-ci|pre-commit)( [\w./-]+)*$/
const setsUpHooks = (script: string): boolean =>
  script.split(/&&|\|\||;/).every((part) => hookManager.test(part.trim()))

const read = (text: string | null): Record<string, unknown> | null => {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** Whether two versions of a `package.json` can lead to different installs; an unreadable one can. */
export function manifestsDiffer(before: string | null, after: string | null): boolean {
  const [old, fresh] = [read(before), read(after)]
  if (!old || !fresh) return true
  const part = (manifest: Record<string, unknown>): string =>
    JSON.stringify([manifestFields.map((field) => manifest[field] ?? null), ownScripts(manifest)])
  return part(old) !== part(fresh)
}

/** Whether installing runs scripts of the project itself, which may read any of its files. */
export const installRunsProject = (manifest: string | null): boolean => {
  const found = read(manifest)
  return !found || !ownScripts(found).every(setsUpHooks)
}

function ownScripts(manifest: Record<string, unknown>): string[] {
  const scripts = manifest.scripts as Record<string, unknown> | undefined
  return lifecycle.map((name) => scripts?.[name]).filter((script) => typeof script === 'string')
}
