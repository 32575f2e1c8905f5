// Faults to plant into real changes: what each does to a file, and who should find it. Stated apart from the code it tries.
import type { SignalKind, Stance } from '@seatrial/protocol'

export interface Site {
  /** Changed source files of the real change, tests aside, with their text after it. */
  sources: { path: string; text: string }[]
  /** Test files of the tree, those nearest to the change first. */
  tests: { path: string; text: string }[]
  /** Code that the change did not touch. */
  others: { path: string; text: string }[]
  manifest: string | null
  /** A workflow file of the tree. */
  workflow: { path: string; text: string } | null
}

export interface Fault {
  name: string
  kind: SignalKind
  stance: Stance
  /** New texts by path (null deletes), or null where this change offers no place for it. */
  plant(site: Site): Record<string, string | null> | null
}

type One = { path: string; text: string } | undefined
const append = (one: One, text: string) => (one ? { [one.path]: `${one.text}\n${text}\n` } : null)
const replace = (one: One, from: RegExp, to: string) => (one ? { [one.path]: one.text.replace(from, to) } : null)
const withText = (files: Site['tests'], pattern: RegExp): One => files.find((one) => pattern.test(one.text))
const typed = (one: One): string => (one && /\.[cm]?tsx?$/.test(one.path) ? ': string' : '')
const manifestWith = (site: Site, change: (manifest: Record<string, Record<string, string>>) => void) => {
  if (!site.manifest) return null
  const manifest = JSON.parse(site.manifest)
  change(manifest)
  return { 'package.json': `${JSON.stringify(manifest, null, 2)}\n` }
}
// Put together here, so that no scanner takes this file for a leak.
const token = ['gh', 'p_', '16C7e42F292c6912', 'E7710c838347Ae17', '8B4a'].join('')
const awsKey = ['AK', 'IA', 'QYLPMN5HHHFPZAM2'].join('')

const nested = (name: string): string =>
  `export function ${name}(rows, limit) {\n${Array.from({ length: 7 }, (_, at) => `${'  '.repeat(at + 1)}if (rows[${at}] > limit || rows.length < ${at}) {`).join('\n')}\n${'  '.repeat(8)}return 1\n${Array.from({ length: 7 }, (_, at) => `${'  '.repeat(7 - at)}} else { limit++ }`).join('\n')}\n  return 0\n}`

export const faults: readonly Fault[] = [
  {
    name: 'a test file deleted',
    kind: 'tests-deleted',
    stance: 'skeptic',
    plant: ({ tests: [one] }) => (one ? { [one.path]: null } : null),
  },
  {
    name: 'a test case deleted',
    kind: 'tests-deleted',
    stance: 'skeptic',
    plant({ tests }) {
      const block = /\n( *)(?:it|test)\((['"])(?:(?!\2).)*\2, (?:async )?\(\) => \{\n[\s\S]*?\n\1\}\)\n/
      return replace(withText(tests, block), block, '\n')
    },
  },
  {
    name: 'a test skipped',
    kind: 'tests-weakened',
    stance: 'skeptic',
    plant: ({ tests }) => replace(withText(tests, /\n *(?:it|test)\(/), /\n( *)(it|test)\(/, '\n$1$2.skip('),
  },
  {
    name: 'an assertion loosened',
    kind: 'tests-weakened',
    stance: 'skeptic',
    plant: ({ tests }) =>
      replace(withText(tests, /\.toBe\(['"\d]/), /\.toBe\((?:'[^'\n]*'|"[^"\n]*"|\d+)\)/, '.toBeDefined()'),
  },
  {
    name: 'an assertion removed',
    kind: 'tests-weakened',
    stance: 'skeptic',
    plant: ({ tests }) => replace(withText(tests, /\n *expect\([^\n]*\)\n/), /\n *expect\([^\n]*\)\n/, '\n'),
  },
  {
    name: 'a token in the code',
    kind: 'secrets',
    stance: 'skeptic',
    plant: ({ sources: [one] }) => append(one, `const token = '${token}'`),
  },
  {
    name: 'a cloud key in the code',
    kind: 'secrets',
    stance: 'skeptic',
    plant: ({ sources: [one] }) => append(one, `const accessKeyId = '${awsKey}'`),
  },
  {
    name: 'eval of an argument',
    kind: 'risky',
    stance: 'skeptic',
    plant: ({ sources: [one] }) => append(one, `const compute = (input${typed(one)}) => eval(input)\ncompute('1')`),
  },
  {
    name: 'a shell command from a template',
    kind: 'risky',
    stance: 'skeptic',
    plant: ({ sources: [one] }) =>
      append(
        one,
        `import { execSync as shellOut } from 'node:child_process'\nconst listOf = (dir${typed(one)}) => shellOut(\`ls \${dir}\`)\nlistOf('.')`,
      ),
  },
  {
    name: 'TLS checks off',
    kind: 'risky',
    stance: 'skeptic',
    plant: ({ sources: [one] }) => append(one, `process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'`),
  },
  {
    name: 'an import that leads nowhere',
    kind: 'imports',
    stance: 'builder',
    plant: ({ sources: [one] }) => append(one, `import { missing } from './does-not-exist-anywhere'\nmissing()`),
  },
  {
    name: 'a package nobody declared',
    kind: 'imports',
    stance: 'builder',
    plant: ({ sources: [one] }) => append(one, `import leftish from 'leftish-pad-not-declared'\nleftish()`),
  },
  {
    name: 'an exported name renamed, its importers left',
    kind: 'imports',
    stance: 'builder',
    plant({ sources, others, tests }) {
      for (const one of sources) {
        for (const [, name = ''] of one.text.matchAll(/^export (?:const|function|class) (\w{4,})/gm)) {
          const stem = one.path.replace(/^.*\//, '').replace(/\.\w+$/, '')
          const used = new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from '[^']*${stem === 'index' ? '' : stem}'`)
          if (![...others, ...tests].some((file) => used.test(file.text))) continue
          return {
            [one.path]: one.text.replace(
              new RegExp(`^(export (?:const|function|class) )${name}\\b`, 'gm'),
              `$1${name}Renamed`,
            ),
          }
        }
      }
      return null
    },
  },
  {
    name: 'a dependency the lockfile does not know',
    kind: 'lockfile',
    stance: 'skeptic',
    plant: (site) =>
      manifestWith(site, (manifest) => {
        manifest.dependencies = { ...manifest.dependencies, 'left-pad': '^1.3.0' }
      }),
  },
  {
    name: 'a script on install',
    kind: 'install-scripts',
    stance: 'skeptic',
    plant: (site) =>
      manifestWith(site, (manifest) => {
        manifest.scripts = { ...manifest.scripts, postinstall: 'node collect.js' }
      }),
  },
  {
    name: 'a step in a workflow',
    kind: 'sensitive-paths',
    stance: 'skeptic',
    plant: ({ workflow }) => (workflow ? append(workflow, '# and publish\n') : null),
  },
  {
    name: 'unrelated files edited',
    kind: 'scope',
    stance: 'skeptic',
    plant: ({ others }) =>
      others.length >= 6
        ? Object.assign(
            {},
            ...others.slice(-6).map((one) => append(one, 'const touchedInPassing = 1\nvoid touchedInPassing')),
          )
        : null,
  },
  {
    name: 'a block copied from elsewhere',
    kind: 'duplication',
    stance: 'futurist',
    plant({ sources: [one], others }) {
      const block = /\n(?:export )?(?:const \w+ = |function \w+)[^\n]*\{\n(?: {2}[^\n]*\n|\n){14,40}\}\n/
      const from = withText(
        others.filter(({ path }) => path !== one?.path),
        block,
      )
      return append(one, block.exec(from?.text ?? '')?.[0].replace(/\nexport /, '\n') ?? '')
    },
  },
  {
    name: 'a function nobody can follow',
    kind: 'complexity',
    stance: 'futurist',
    plant: ({ sources: [one] }) => append(one, nested('pick')),
  },
]
