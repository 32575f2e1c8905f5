// Files whose change always asks a person, and files that are shown collapsed; tables of globs.
import { matchesGlob } from 'node:path'

/** Things that run by themselves on somebody's machine, or decide what does. */
const sensitivePaths: readonly string[] = [
  '.github/**',
  '.gitlab-ci.yml',
  '.gitlab/**',
  '.circleci/**',
  '.buildkite/**',
  '.drone.yml',
  '.travis.yml',
  'azure-pipelines.yml',
  'bitbucket-pipelines.yml',
  'Jenkinsfile',
  '**/Jenkinsfile',
  '.ci/**',
  '**/.gitattributes',
  '**/.gitmodules',
  '.lfsconfig',
  '.gitconfig',
  '.husky/**',
  '.githooks/**',
  '**/lefthook.{yml,yaml,json,toml}',
  '.pre-commit-config.yaml',
  '**/.vscode/**',
  '**/.idea/**',
  '**/.devcontainer/**',
  '**/.cursor/**',
  '.seatrial/**',
  '**/.npmrc',
  '**/.yarnrc',
  '**/.yarnrc.yml',
  '**/.pnpmfile.cjs',
  '**/.envrc',
  '**/.mcp.json',
  '**/.claude/**',
  '**/.codex/**',
]

const collapsedPaths: readonly string[] = [
  '**/{package-lock.json,npm-shrinkwrap.json,yarn.lock,pnpm-lock.yaml,bun.lock,bun.lockb}',
  '**/{Cargo.lock,poetry.lock,uv.lock,Pipfile.lock,composer.lock,Gemfile.lock,go.sum,flake.lock}',
  '**/*.min.{js,css,mjs}',
  '**/*.{map,snap}',
  '**/{dist,build,vendor,generated,__generated__}/**',
  '**/*.generated.*',
  '**/*.pb.go',
]

const matches = (path: string, globs: readonly string[]): boolean => globs.some((glob) => matchesGlob(path, glob))

export const isSensitive = (path: string, more: readonly string[] = []): boolean =>
  matches(
    path.toLowerCase(),
    sensitivePaths.map((glob) => glob.toLowerCase()),
  ) || matches(path, more)

/** package.json is sensitive when its scripts change: they run at install. */
export function changesScripts(path: string, before: Uint8Array | null, after: Uint8Array | null): boolean {
  if (!/(^|\/)package\.json$/.test(path)) return false
  return scripts(before) !== scripts(after)
}

function scripts(content: Uint8Array | null): string {
  if (!content) return 'null'
  try {
    return JSON.stringify(JSON.parse(Buffer.from(content).toString('utf8'))?.scripts ?? null)
  } catch {
    return `unreadable ${Buffer.from(content).toString('base64')}`
  }
}

export const isCollapsed = (path: string, changedLines: number): boolean =>
  changedLines > 2000 || matches(path, collapsedPaths)
