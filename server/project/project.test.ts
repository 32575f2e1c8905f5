import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterEach, expect, test } from 'vitest'
import { checkProject } from './check-project.ts'
import { satisfies } from './detect/version.ts'
import { findRepository } from './find-repository.ts'
import { readProject } from './read-project.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function project(files: Record<string, string | object>): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'project ü-')))
  folders.push(root)
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return root
}
const read = async (files: Record<string, string | object>) => readProject(await project(files))
const commands = (all: { kind: string; command: string }[]) =>
  Object.fromEntries(all.map((one) => [one.kind, one.command]))

test('npm with vitest, tsc and eslint scripts', async () => {
  const { settings, detectedFrom } = await read({
    'package.json': { scripts: { test: 'vitest', typecheck: 'tsc', lint: 'eslint .', build: 'vite build' } },
    'package-lock.json': {},
  })
  expect(settings.setup).toEqual(['npm ci --no-audit --no-fund'])
  expect(settings.lockfiles).toEqual(['package-lock.json'])
  expect(commands(settings.checks)).toEqual({
    test: 'npm run test -- --run --reporter=default --reporter=json --outputFile.json=node_modules/.seatrial/vitest.json',
    types: 'npm run typecheck',
    lint: 'npm run lint',
    build: 'npm run build',
  })
  expect(settings.checks[0]?.report).toEqual({ format: 'vitest', path: 'node_modules/.seatrial/vitest.json' })
  expect(settings.egress.presets).toEqual(['npm'])
  expect(settings.sensitive).toContain('.github/workflows/**')
  expect(detectedFrom).toEqual({
    setup: 'package-lock.json',
    lockfiles: 'package-lock.json',
    checks: 'package-lock.json',
    'egress.presets': 'package-lock.json',
  })
})

test.each([
  [{ 'pnpm-lock.yaml': '' }, undefined, /pnpm\b.*install --frozen-lockfile/],
  [{ 'yarn.lock': '# yarn lockfile v1\n' }, undefined, /yarn\b.*install --frozen-lockfile/],
  [{ 'yarn.lock': '__metadata:\n  version: 8\n' }, undefined, /yarn\b.*install --immutable/],
  [
    { 'yarn.lock': '__metadata:\n', '.yarnrc.yml': 'yarnPath: .yarn/releases/yarn-4.cjs\n' },
    undefined,
    /^node \.yarn\/releases\/yarn-4\.cjs install/,
  ],
  [{ 'yarn.lock': '' }, 'yarn@4.1.0+sha256.ab', /yarn\b.*install --immutable/],
  [{ 'bun.lock': '' }, undefined, /bun\b.*install --frozen-lockfile/],
  [{ 'package-lock.json': '{}' }, 'pnpm@9.1.0', /pnpm\b.*install --no-lockfile/],
  [{}, undefined, /^npm install --no-package-lock/],
])('the package manager by lockfile and packageManager: %j %s', async (files, packageManager, install) => {
  const { settings } = await read({ 'package.json': { packageManager }, ...files })
  expect(settings.setup).toHaveLength(1)
  expect(settings.setup[0]).toMatch(install)
})

test('runners leave reports where arguments are safe, and are left alone where not', async () => {
  const testOf = async (script: string, more = {}) => {
    const { settings } = await read({ 'package.json': { scripts: { test: script, ...more } }, 'package-lock.json': {} })
    return settings.checks.find((one) => one.kind === 'test')
  }
  expect((await testOf('tsc && jest --coverage'))?.report?.format).toBe('jest')
  expect((await testOf('mocha'))?.report?.format).toBe('junit')
  expect((await testOf('vitest run && tsc'))?.report).toBeNull()
  expect(await testOf('turbo run test')).toMatchObject({ command: 'npm run test', report: null })
  const node = await testOf('node --test test/')
  expect(node).toMatchObject({ report: { format: 'tap', path: 'node_modules/.seatrial/node.tap' } })
  expect((await testOf('node --test', { pretest: 'make' }))?.command).toBe('npm run test')
  expect(await testOf('echo "Error: no test specified" && exit 1')).toBeUndefined()
  expect(await testOf('vitest --watch')).toBeUndefined()
})

test("node's own runner really leaves the report it is asked for", async () => {
  const root = await project({
    'package.json': { scripts: { test: 'node --test' }, type: 'module' },
    'package-lock.json': {},
    'a.test.js': "import test from 'node:test'\ntest('adds', () => {})\n",
  })
  const { settings } = await readProject(root)
  const run = await execa(settings.checks[0]!.command, { cwd: root, shell: true })
  expect(run.stdout).toContain('adds')
  const { stdout } = await execa('cat', [join(root, settings.checks[0]!.report!.path!)])
  expect(stdout).toMatch(/ok 1 - adds/)
})

test('without scripts, tools are called by their configuration; scripts that change files are not checks', async () => {
  const { settings } = await read({
    'package.json': {
      scripts: { lint: 'biome check --write' },
      devDependencies: { typescript: '5.9.2', '@biomejs/biome': '2' },
    },
    'package-lock.json': {},
    'tsconfig.json': '{ "references": [{ "path": "./a" }], /* c */ }',
    'biome.json': '{}',
  })
  expect(commands(settings.checks)).toEqual({ types: 'npm exec --no -- tsc -b', lint: 'npm exec --no -- biome check' })
})

test('Python by uv, Poetry and pip', async () => {
  const uv = await read({ 'pyproject.toml': '[tool.pytest.ini_options]\n[tool.ruff]\n[tool.mypy]\n', 'uv.lock': '' })
  expect(uv.settings.setup).toEqual(['uv sync --frozen --all-extras'])
  expect(commands(uv.settings.checks)).toEqual({
    test: 'uv run --no-sync pytest --junitxml=.venv/seatrial-junit.xml',
    types: 'uv run --no-sync mypy .',
    lint: 'uv run --no-sync ruff check .',
  })
  expect(uv.settings.egress.presets).toEqual(['pypi'])
  const poetry = await read({
    'pyproject.toml': '[tool.poetry.group.dev.dependencies]\npytest = "*"',
    'poetry.lock': '',
  })
  expect(poetry.settings).toMatchObject({
    setup: ['poetry install --no-interaction'],
    env: { POETRY_VIRTUALENVS_IN_PROJECT: 'true' },
  })
  expect(poetry.settings.checks[0]?.command).toMatch(/^poetry run pytest/)
  const pip = await read({
    'pyproject.toml': '[project]\nname = "x"\n[project.optional-dependencies]\ndev = ["pytest"]\n',
    'requirements.txt': 'requests\n',
  })
  expect(pip.settings.setup[0]).toMatch(/\.venv\/bin\/pip install -r requirements\.txt -e '\.\[dev\]'$/)
  expect(pip.settings.lockfiles).toEqual(['requirements.txt', 'pyproject.toml'])
})

test('Go, Rust and Make', async () => {
  const go = await read({
    'go.mod': 'module x\n',
    'go.sum': '',
    Makefile: 'test: all\nbuild: \n\tgo build\nVAR := 1\n',
  })
  expect(go.settings.checks.find((one) => one.kind === 'test')).toMatchObject({
    command: 'go test -json ./...',
    report: { format: 'go', path: null },
  })
  // What Go has no check for comes from make.
  expect(commands(go.settings.checks)).toMatchObject({ lint: 'go vet ./...', build: 'make build' })
  const rust = await read({ 'Cargo.toml': '[package]', 'Cargo.lock': '' })
  expect(rust.settings).toMatchObject({ setup: ['cargo fetch --locked'], lockfiles: ['Cargo.lock'] })
  expect(commands(rust.settings.checks).lint).toMatch(/^cargo clippy/)
  const make = await read({ Makefile: 'check:\n\ttrue\nlint: check\n' })
  expect(commands(make.settings.checks)).toEqual({ test: 'make check', lint: 'make lint' })
})

test('two languages side by side, and projects one folder down', async () => {
  const both = await read({ 'package.json': { scripts: { test: 'jest' } }, 'pyproject.toml': '[tool.pytest]' })
  expect(both.settings.checks.map((one) => one.name)).toEqual(['test', 'test (pypi)'])
  const below = await read({
    'README.md': '',
    'web app/package.json': { scripts: { test: 'jest' } },
    'web app/package-lock.json': {},
    'api/go.mod': '',
  })
  expect(below.settings.setup).toEqual(['cd api && go mod download', "cd 'web app' && npm ci --no-audit --no-fund"])
  expect(below.settings.checks.map((one) => [one.name, one.cwd])).toContainEqual(['test (web app)', 'web app'])
  expect(below.settings.lockfiles).toEqual(['api/go.mod', 'web app/package-lock.json'])
})

test("Cursor's and dev containers' set-ups work unchanged, in this order", async () => {
  const files = {
    'package.json': {},
    'package-lock.json': {},
    '.devcontainer/devcontainer.json': `{
      // comments are allowed
      "onCreateCommand": ["git", "config", "user.name", "A B"],
      "postCreateCommand": { "a": "make tools", "b": ["echo", "hi"] },
      "containerEnv": { "CI_MODE": "1", "SECRET": "\${localEnv:SECRET}" },
    }`,
  }
  const container = await read(files)
  expect(container.settings.setup).toEqual([
    'npm ci --no-audit --no-fund',
    "git config user.name 'A B'",
    'make tools',
    'echo hi',
  ])
  expect(container.settings.env).toEqual({ CI_MODE: '1' })
  expect(container.detectedFrom.setup).toBe('package-lock.json, .devcontainer/devcontainer.json')

  const worktrees = {
    ...files,
    '.cursor/worktrees.json': {
      'setup-worktree': ['exit 1'],
      'setup-worktree-unix': [
        'npm ci',
        'cp $ROOT_WORKTREE_PATH/.env .env',
        'cp "$ROOT_WORKTREE_PATH/.env.local" ".env.test"',
      ],
    },
  }
  const cursor = await read(worktrees)
  expect(cursor.settings.setup).toEqual(['npm ci', 'cp .env.local ".env.test"'])
  expect(cursor.settings.carry).toEqual(['.env', '.env.local'])
  const script = await read({ '.cursor/worktrees.json': { 'setup-worktree': 'setup.sh' } })
  expect(script.settings.setup).toEqual(['bash .cursor/setup.sh'])

  const environment = await read({ ...worktrees, '.cursor/environment.json': { install: './install.sh' } })
  expect(environment.settings.setup).toEqual(['./install.sh'])
  expect(environment.detectedFrom.setup).toBe('.cursor/environment.json')
})

test('what is written down wins field by field, and the rest is still detected', async () => {
  const { settings, detectedFrom } = await read({
    'package.json': { scripts: { test: 'jest' } },
    'package-lock.json': {},
    '.seatrial/config.toml': `
      setup = ["./setup.sh"]
      sandbox = "strict"
      sensitive = ["billing/**"]
      contenders = ["refactor"]
      [env]
      some_Name = "kept as it is"
      [limits]
      memory_mb = 1024
      [egress]
      allow = ["api.example.org"]
    `,
  })
  expect(settings).toMatchObject({
    setup: ['./setup.sh'],
    sandbox: 'strict',
    env: { some_Name: 'kept as it is' },
    limits: { memoryMb: 1024, cpus: 2 },
    egress: { allow: ['api.example.org'], presets: ['npm'] },
  })
  expect(settings.sensitive).toEqual(expect.arrayContaining(['billing/**', '.husky/**']))
  expect(settings.checks[0]?.report?.format).toBe('jest')
  expect(Object.keys(detectedFrom)).toEqual(['lockfiles', 'checks', 'egress.presets'])

  const own = await read({
    'package.json': { scripts: { test: 'jest' } },
    '.seatrial/config.toml':
      '[[checks]]\nname = "mine"\nkind = "test"\ncommand = "./t"\ntimeout_seconds = 5\n[egress]\npresets = []\n',
  })
  expect(own.settings.checks).toEqual([
    { name: 'mine', kind: 'test', command: './t', cwd: '.', timeoutSeconds: 5, report: null },
  ])
  expect(own.settings.egress.presets).toEqual([])
})

test.each([
  ['snadbox = "off"', '.seatrial/config.toml: there is no key `snadbox`.'],
  ['[limits]\nmemory = 5', '.seatrial/config.toml: there is no key `memory` in [limits].'],
  ['[limits]\nmemory_mb = "5"', '.seatrial/config.toml: `limits.memory_mb`: must be number, received string.'],
  ['[[checks]]\nname = "x"\nkind = "test"', '.seatrial/config.toml: `checks.0.command` is missing.'],
  [
    '[[checks]]\nname = "x"\nkind = "test"\ncommand = "c"\ndir = "d"',
    '.seatrial/config.toml: there is no key `dir` in [checks.0].',
  ],
  ['sandbox = "maybe"', /^\.seatrial\/config\.toml: `sandbox`: /],
  ['setup = [', /^\.seatrial\/config\.toml, line 1: /],
])('a mistake in the file is one sentence: %s', async (text, sentence) => {
  const error = await read({ '.seatrial/config.toml': text }).catch((thrown) => thrown)
  expect(error).toMatchObject({ name: 'Refusal', code: 'unprocessable' })
  if (typeof sentence === 'string') expect(error.message).toBe(sentence)
  else expect(error.message).toMatch(sentence)
  expect(error.message).not.toContain('\n')
})

test('a broken package.json is named', async () => {
  await expect(read({ 'package.json': '{ "scripts": ' })).rejects.toThrow('package.json is no valid JSON.')
})

test('an empty project has defaults and nothing detected', async () => {
  const { settings, detectedFrom } = await read({})
  expect(settings).toMatchObject({ setup: [], checks: [], carry: [], sandbox: 'standard' })
  expect(detectedFrom).toEqual({})
})

test('doctor: missing tools, lockfiles, checks, Node, files and services', async () => {
  const root = await project({
    'package.json': { packageManager: 'pnpm@9.0.0', engines: { node: '18' }, scripts: { lint: 'eslint .' } },
    'package-lock.json': {},
    '.env': 'SECRET=1',
    '.env.example': 'SECRET=',
    '.gitignore': '.env*\n!.env.example\n',
    '.cursor/environment.json': { start: 'docker compose up' },
    '.nvmrc': 'v18.20\n',
  })
  await execa('git', ['init', '-q'], { cwd: root })
  const { settings } = await readProject(root)
  const found = await checkProject(root, {
    ...settings,
    sandbox: 'off',
    setup: [...settings.setup, 'no-such-tool --x && cd y'],
    checks: [...settings.checks, { ...settings.checks[0]!, name: 'lost', cwd: 'gone' }],
  })
  const sentences = found.map((one) => `${one.level}: ${one.sentence}`)
  expect(sentences).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /^error: `no-such-tool` is in none of the folders that trials look in \(.*\/usr\/bin.*\), but `no-such-tool --x && cd y` needs it\.$/,
      ),
      'warning: package.json asks for pnpm, but the lockfile is package-lock.json; installs are not repeatable.',
      'warning: No test command was found, so whether a candidate breaks something is not measured.',
      'error: Check lost runs in gone, which does not exist.',
      expect.stringMatching(/^warning: \.nvmrc asks for Node v18\.20, but v\d+.* is what commands will find\.$/),
      'warning: .env will not be in workspaces; if checks need it, name it under `carry`.',
      'warning: .cursor/environment.json starts `docker compose up`; trials do not start it, so checks must start what they need.',
      'warning: The sandbox is off: whatever an agent runs has the rights of the house.',
    ]),
  )
  const fine = await project({ 'package.json': { scripts: { test: 'node --test' } }, 'package-lock.json': {} })
  const good = await checkProject(fine, (await readProject(fine)).settings)
  expect(good).toEqual([
    { area: 'project', level: 'ok', sentence: 'The project is set up by `npm ci --no-audit --no-fund`; checks: test.' },
  ])
  const bare = await checkProject(fine, { ...(await readProject(fine)).settings, checks: [] })
  expect(bare[1]?.sentence).toMatch(/^No checks were found/)
})

test.each([
  ['v24.1.0', '24', true],
  ['v24.1.0', '^22.18 || >=24', true],
  ['v24.1.0', '20.x', false],
  ['v24.1.0', '24.2', false],
  ['v24.1.0', '>=24.2', false],
  ['v24.1.0', 'lts/*', true],
])('%s where %s is asked for: %s', (actual, wanted, fits) => {
  expect(satisfies(actual, wanted)).toBe(fits)
})

test('repositories are found from below, through symlinks, detached, unborn; others are refused in a sentence', async () => {
  const root = await project({ 'deep/er/a.txt': 'a' })
  await execa('git', ['init', '-q', '-b', 'trunk'], { cwd: root })
  expect(await findRepository(join(root, 'deep/er'))).toBe(root)
  const as = ['-c', 'user.name=a', '-c', 'user.email=a@example.org']
  await execa('git', [...as, 'commit', '-q', '--allow-empty', '-m', 'first'], { cwd: root })
  await execa('git', ['checkout', '-q', '--detach'], { cwd: root })
  const link = `${root}-link`
  folders.push(link)
  await symlink(root, link)
  expect(await findRepository(link)).toBe(root)

  const outside = await project({ 'file.txt': '' })
  const bare = join(outside, 'bare.git')
  await execa('git', ['init', '-q', '--bare', bare])
  await expect(findRepository(join(outside, 'none'))).rejects.toMatchObject({ code: 'not_found' })
  await expect(findRepository(join(outside, 'file.txt'))).rejects.toThrow(/is a file; name the folder/)
  await expect(findRepository(outside)).rejects.toThrow(/is not in a git repository; make it one with `git init`\.$/)
  await expect(findRepository(bare)).rejects.toThrow(/is a bare repository/)
  await expect(findRepository(join(root, '.git'))).rejects.toThrow(/is inside a git directory/)
})
