// Which set-up commands only install, and which changes call for the whole set-up.
import { expect, test } from 'vitest'
import { installRunsProject, isInstall, manifestsDiffer, readBySetup } from './set-up.ts'

test.each([
  'npm ci --no-audit --no-fund',
  "cd 'web app' && npm ci",
  'corepack enable && pnpm install --frozen-lockfile',
  'yarn install --immutable',
  'yarn',
  'uv sync --frozen --all-extras',
  "python3 -m venv .venv && printf '*\\n' > .venv/.gitignore && .venv/bin/pip install -r requirements.txt -e '.[dev]'",
  'go mod download',
  'cargo fetch --locked',
])('%s only installs', (command) => expect(isInstall(command)).toBe(true))

test.each([
  'npm run build',
  'npm ci && npm run build',
  './setup.sh',
  'npm install left-pad',
  'npm ci; make',
  'yarn build',
])('%s does more', (command) => expect(isInstall(command)).toBe(false))

test.each(['.npmrc', 'a/b/pyproject.toml', 'requirements-dev.txt', 'patches/x+1.patch', '.gitattributes', 'bin/go.sh'])(
  '%s is read by a set-up',
  (path) => expect(readBySetup(path, ['sh bin/go.sh'])).toBe(true),
)

test.each(['src/a.ts', 'README.md', 'docs/requirements.md', 'package.json'])('%s is not', (path) =>
  expect(readBySetup(path, ['npm ci'])).toBe(false),
)

test('of a package.json only what an install reads counts', () => {
  const text = (more: object): string => JSON.stringify({ name: 'a', scripts: { test: 'x' }, ...more })
  expect(manifestsDiffer(text({}), text({ scripts: { test: 'y', lint: 'z' }, exports: './a' }))).toBe(false)
  expect(manifestsDiffer(text({}), text({ devDependencies: { x: '1' } }))).toBe(true)
  expect(manifestsDiffer(text({}), text({ scripts: { postinstall: 'y' } }))).toBe(true)
  expect(manifestsDiffer(text({}), null)).toBe(true)
  expect(manifestsDiffer(text({}), '{')).toBe(true)
})

test('scripts that run with an install build the project, unless they set up git hooks', () => {
  const preparing = (prepare: string): string => JSON.stringify({ scripts: { prepare } })
  expect(['husky', 'husky install', 'is-ci || husky'].map(preparing).map(installRunsProject)).toEqual([
    false,
    false,
    false,
  ])
  expect(['tsc -p .', 'husky && npm run build'].map(preparing).map(installRunsProject)).toEqual([true, true])
  expect(installRunsProject('{')).toBe(true)
  expect(installRunsProject('{}')).toBe(false)
})
