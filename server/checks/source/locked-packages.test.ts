// Lockfiles as the tools write them, read into names and versions.
import { expect, test } from 'vitest'
import { pinnedIn } from './locked-packages.ts'

const cases: Record<string, { text: string; pinned: string[] }> = {
  'app/Cargo.lock': {
    text: 'version = 4\n\n[[package]]\nname = "serde"\nversion = "1.0.200"\nsource = "registry+x"\n\n[[package]]\nname = "own"\nversion = "0.1.0"\n',
    pinned: ['crates.io serde 1.0.200', 'crates.io own 0.1.0'],
  },
  'poetry.lock': {
    text: '[[package]]\nname = "requests"\nversion = "2.31.0"\ndescription = "x"\n\n[package.dependencies]\nname = "no"\n',
    pinned: ['PyPI requests 2.31.0'],
  },
  'requirements-dev.txt': {
    text: '# comment\nrequests==2.31.0 \\\n    --hash=sha256:00\nuvicorn[standard] == 0.30.1 ; python_version > "3.8"\nflask>=2\n-r other.txt\n',
    pinned: ['PyPI requests 2.31.0', 'PyPI uvicorn 0.30.1'],
  },
  'Pipfile.lock': {
    text: '{"default":{"flask":{"version":"==2.0.1"}},"develop":{"pytest":{"version":"==8.0"}}}',
    pinned: ['PyPI flask 2.0.1', 'PyPI pytest 8.0'],
  },
  'go.mod': {
    text: 'module example.com/own\n\ngo 1.22\n\nrequire golang.org/x/text v0.3.7\n\nrequire (\n\tgithub.com/a/b/v2 v2.1.0 // indirect\n)\n',
    pinned: ['Go golang.org/x/text 0.3.7', 'Go github.com/a/b/v2 2.1.0'],
  },
  'package-lock.json': {
    text: '{"packages":{"":{"name":"own"},"node_modules/a":{"version":"1.0.0"},"node_modules/b/node_modules/@s/a":{"version":"2.0.0"}}}',
    pinned: ['npm a 1.0.0', 'npm @s/a 2.0.0'],
  },
  'pnpm-lock.yaml': {
    text: "lockfileVersion: '9.0'\n\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: ^1.0.0\n        version: 1.0.0\n\npackages:\n\n  '@s/b@2.0.0':\n    resolution: {integrity: sha512-x}\n\n  a@1.0.0:\n    resolution: {integrity: sha512-x}\n\nsnapshots:\n\n  a@1.0.0: {}\n",
    pinned: ['npm @s/b 2.0.0', 'npm a 1.0.0'],
  },
  'yarn.lock': {
    text: '# yarn lockfile v1\n\n\n"@s/b@^2.0.0":\n  version "2.0.0"\n  resolved "https://registry.example/b.tgz#x"\n\na@^1.0.0, a@^1.0.1:\n  version "1.0.1"\n',
    pinned: ['npm @s/b 2.0.0', 'npm a 1.0.1'],
  },
}

test.each(Object.entries(cases))('%s', (path, { text, pinned }) => {
  expect(pinnedIn(path, text).map(({ ecosystem, name, version }) => `${ecosystem} ${name} ${version}`)).toEqual(pinned)
})

test('what is no lockfile, gone or broken pins nothing', () => {
  expect(pinnedIn('src/a.ts', 'x')).toEqual([])
  expect(pinnedIn('Cargo.lock', null)).toEqual([])
  expect(pinnedIn('package-lock.json', '{')).toEqual([])
})
