// What kind of file a path is, by its name alone.

const script = /\.(?:[cm]?[jt]sx?)$/
const otherSource =
  /\.(?:py|go|rs|rb|java|kt|kts|cs|php|swift|scala|c|cc|cpp|h|hpp|vue|svelte|astro|ex|exs|dart|lua|sh)$/
const test =
  /(?:^|\/)(?:tests?|__tests__|specs?|e2e|cypress|testdata)\/|[._-](?:test|spec|e2e|cy)\.[cm]?[jt]sx?$|(?:^|\/)test_[^/]*\.py$|_test\.(?:py|go|rb|exs)$|(?:Test|Tests|Spec)\.(?:java|kt|cs|swift|php)$|(?:^|\/)conftest\.py$/
const docs = /\.(?:md|mdx|rst|adoc|txt)$|(?:^|\/)docs?\//i
const fixture = /(?:^|\/)(?:fixtures?|__fixtures__|testdata|__snapshots__|__mocks__|mocks)\//

/** JavaScript or TypeScript, declaration files included. */
export const isScript = (path: string): boolean => script.test(path)
export const isSource = (path: string): boolean => script.test(path) || otherSource.test(path)
export const isTest = (path: string): boolean => test.test(path) && isSource(path)
export const isDocs = (path: string): boolean => docs.test(path) && !isSource(path)
export const isFixture = (path: string): boolean => fixture.test(path)
export const isDeclaration = (path: string): boolean => /\.d\.[cm]?ts$/.test(path)
/** Code that ships: no tests, no fixtures. */
export const isProduct = (path: string): boolean => isSource(path) && !isTest(path) && !isFixture(path)

/** Lockfiles with the manifest each belongs to. */
export const lockfiles: Record<string, string> = {
  'package-lock.json': 'package.json',
  'npm-shrinkwrap.json': 'package.json',
  'pnpm-lock.yaml': 'package.json',
  'yarn.lock': 'package.json',
  'bun.lock': 'package.json',
  'bun.lockb': 'package.json',
  'Cargo.lock': 'Cargo.toml',
  'go.sum': 'go.mod',
  'poetry.lock': 'pyproject.toml',
  'uv.lock': 'pyproject.toml',
  'Pipfile.lock': 'Pipfile',
  'composer.lock': 'composer.json',
  'Gemfile.lock': 'Gemfile',
}
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
export const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '')
export const isLockfile = (path: string): boolean => baseName(path) in lockfiles
/** `src/price.test.ts` and `test/price.ts` have the stem `price`. */
export const stemOf = (path: string): string =>
  baseName(path)
    .replace(/\.[^.]+$/, '')
    .replace(/\.d$/, '')
    .replace(/[._-](?:test|spec|e2e|cy)$/, '')
    .replace(/^test_/, '')
    .replace(/_test$/, '')
