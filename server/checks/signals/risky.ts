// Risky patterns on added lines: ast-grep rules for JavaScript and TypeScript, line patterns for the rest.
import { Lang, type NapiConfig, parse } from '@ast-grep/napi'
import type { FileDiff } from '@seatrial/protocol'
import { count, listNames } from '../names.ts'
import { isFixture, isScript, isTest } from '../source/file-kinds.ts'
import { bad, type Draft, good, place } from './draft.ts'
import { addedLines, type Facts } from './facts.ts'

type Severity = 'minor' | 'major'
interface Risk {
  what: string
  severity: Severity
}
interface TreeRule extends Risk {
  /** Grammars that know the kinds of node it names; all three when left out. */
  grammars?: Lang[]
  rule: NapiConfig['rule']
}
interface LineRule extends Risk {
  files: RegExp
  pattern: RegExp
}
interface Found extends Risk {
  path: string
  line: number
  text: string
}

const template = { kind: 'template_string', has: { kind: 'template_substitution' } }
const joined = { kind: 'binary_expression' }
const treeRules: TreeRule[] = [
  { what: 'eval', severity: 'major', rule: { any: [{ pattern: 'eval($A)' }, { pattern: 'new Function($$$A)' }] } },
  {
    what: 'shell command from a template',
    severity: 'major',
    rule: {
      kind: 'call_expression',
      all: [
        { has: { field: 'function', regex: '(?:^|\\.)(?:exec|execSync|spawnSync|spawn|execaCommand)$' } },
        { has: { field: 'arguments', has: { any: [template, joined], nthChild: 1 } } },
      ],
    },
  },
  { what: 'shell switched on', severity: 'major', rule: { pattern: { context: '({shell: true})', selector: 'pair' } } },
  {
    what: 'TLS verification off',
    severity: 'major',
    rule: { kind: 'pair', regex: '^[\'"]?(?:rejectUnauthorized|strictSSL)[\'"]?\\s*:\\s*false$' },
  },
  {
    what: 'TLS verification off',
    severity: 'major',
    rule: { kind: 'assignment_expression', regex: 'NODE_TLS_REJECT_UNAUTHORIZED' },
  },
  {
    what: 'raw HTML',
    severity: 'major',
    grammars: [Lang.Tsx, Lang.JavaScript],
    rule: { kind: 'jsx_attribute', regex: '^dangerouslySetInnerHTML' },
  },
  {
    what: 'raw HTML',
    severity: 'major',
    rule: {
      any: [
        { kind: 'assignment_expression', has: { field: 'left', regex: '\\.(?:inner|outer)HTML$' } },
        { pattern: 'document.write($$$A)' },
      ],
    },
  },
  {
    what: 'SQL from a template',
    severity: 'major',
    rule: {
      kind: 'call_expression',
      has: {
        field: 'arguments',
        has: { ...template, regex: '(?i)^`\\s*(?:select|insert|update|delete)\\s', nthChild: 1 },
      },
      regex: '\\.(?:query|execute|raw|unsafe|exec)\\(',
    },
  },
  // A comment inside says why, and is enough.
  {
    what: 'empty catch',
    severity: 'major',
    rule: { kind: 'catch_clause', regex: '^catch\\s*(?:\\([^)]*\\))?\\s*\\{\\s*\\}$' },
  },
  {
    what: 'weak hash',
    severity: 'minor',
    rule: { kind: 'call_expression', regex: '^(?:crypto\\.)?createHash\\([\'"](?:md5|sha1)[\'"]\\)$' },
  },
  {
    what: 'any',
    severity: 'minor',
    grammars: [Lang.TypeScript, Lang.Tsx],
    rule: { kind: 'predefined_type', regex: '^any$' },
  },
  { what: 'process exit in library code', severity: 'minor', rule: { pattern: 'process.exit($$$A)' } },
]

const script = /\.[cm]?[jt]sx?$/
const lineRules: LineRule[] = [
  { what: 'compiler silenced', severity: 'major', files: script, pattern: /@ts-(?:ignore|nocheck)\b/ },
  {
    what: 'linter silenced',
    severity: 'minor',
    files: script,
    pattern: /\beslint-disable\b|\bbiome-ignore(?:-all)?\b|\boxlint-disable\b/,
  },
  { what: 'coverage silenced', severity: 'minor', files: script, pattern: /\b(?:istanbul|c8|v8) ignore\b/ },
  { what: 'eval', severity: 'major', files: /\.py$/, pattern: /(?<![\w.])(?:eval|exec)\(/ },
  {
    what: 'shell switched on',
    severity: 'major',
    files: /\.py$/,
    pattern: /\bshell\s*=\s*True\b|\bos\.(?:system|popen)\(/,
  },
  {
    what: 'TLS verification off',
    severity: 'major',
    files: /\.py$/,
    pattern: /\bverify\s*=\s*False\b|_create_unverified_context/,
  },
  {
    what: 'unsafe deserialisation',
    severity: 'major',
    files: /\.py$/,
    pattern: /\bpickle\.loads?\(|\byaml\.load\((?!.*Safe)/,
  },
  { what: 'empty except', severity: 'major', files: /\.py$/, pattern: /^\s*except\b[^:]*:\s*pass\b/ },
  { what: 'type checker silenced', severity: 'minor', files: /\.py$/, pattern: /#\s*type:\s*ignore|#\s*noqa\b/ },
  { what: 'TLS verification off', severity: 'major', files: /\.go$/, pattern: /InsecureSkipVerify\s*:\s*true/ },
  {
    what: 'error thrown away',
    severity: 'minor',
    files: /\.go$/,
    pattern: /^\s*_\s*=\s*err\b|,\s*_\s*:?=\s*\w+\.\w+\(.*\)\s*\/\/\s*nolint/,
  },
  { what: 'unsafe block', severity: 'minor', files: /\.rs$/, pattern: /\bunsafe\s*(?:\{|fn|impl)/ },
  {
    what: 'TLS verification off',
    severity: 'major',
    files: /\.rs$/,
    pattern: /danger_accept_invalid_(?:certs|hostnames)\(\s*true/,
  },
  {
    what: 'TLS verification off',
    severity: 'major',
    files: /\.(?:sh|ya?ml)$|Dockerfile/,
    pattern: /\bcurl\b.*\s(?:-k|--insecure)\b|strict-ssl\s*[=:]?\s*false|GIT_SSL_NO_VERIFY/,
  },
  {
    what: 'download piped into a shell',
    severity: 'major',
    files: /\.(?:sh|ya?ml|json)$|Dockerfile|Makefile/,
    pattern: /\b(?:curl|wget)\b[^|\n]*\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b/,
  },
  { what: 'merge conflict marker', severity: 'major', files: /./, pattern: /^(?:<{7}|>{7}) \S/ },
  { what: 'debugger left in', severity: 'minor', files: script, pattern: /^\s*debugger\b/ },
]

const languageOf = (path: string): Lang =>
  /\.[cm]?ts$/.test(path) ? Lang.TypeScript : path.endsWith('.tsx') ? Lang.Tsx : Lang.JavaScript

export async function measureRisky(facts: Facts): Promise<Draft> {
  const found: Found[] = []
  for (const file of facts.files.filter(
    (one) => one.status !== 'deleted' && !one.binary && !one.collapsed && !isFixture(one.path),
  )) {
    found.push(...(await risksIn(facts, file)))
  }
  const places = found.map((one) => place(one.path, one.line, `${one.what}: ${one.text.trim()}`))
  const lists = { new: found.map((one) => `${one.what} in ${one.path}:${one.line}`) }
  if (found.length === 0) return good('No risky pattern on added lines', { head: 0 })
  const severity = found.some((one) => one.severity === 'major') ? 'major' : 'minor'
  const worst = found.toSorted((a, b) => (a.severity === b.severity ? 0 : a.severity === 'major' ? -1 : 1))
  const names = worst.map((one) => `${one.what} in ${one.path}:${one.line}`)
  return bad(severity, `${count(found.length, 'risky pattern')} added: ${listNames(names)}`, {
    places,
    lists,
    head: found.length,
  })
}

async function risksIn(facts: Facts, file: FileDiff): Promise<Found[]> {
  const lines = new Map(addedLines(file).map((one) => [one.line, one.text]))
  const found: Found[] = []
  const add = (risk: Risk, line: number): void => {
    const text = lines.get(line)
    if (text === undefined || found.some((one) => one.line === line && one.what === risk.what)) return
    // Tests may be loose where product code may not.
    if (isTest(file.path) && risk.severity === 'minor') return
    found.push({ what: risk.what, severity: risk.severity, path: file.path, line, text })
  }
  for (const rule of lineRules.filter((one) => one.files.test(file.path))) {
    for (const [line, text] of lines) if (rule.pattern.test(text.slice(0, 4000))) add(rule, line)
  }
  const text = isScript(file.path) ? await facts.text('head', file.path) : null
  // The same guard as for the other parser: too large or nested too deep is left to the line rules.
  if (text !== null && (await facts.source('head', file.path))) {
    const language = languageOf(file.path)
    const root = parse(language, text).root()
    for (const rule of treeRules.filter((one) => !one.grammars || one.grammars.includes(language))) {
      for (const node of root.findAll({ rule: rule.rule })) {
        const { start, end } = node.range()
        for (let line = start.line + 1; line <= Math.min(end.line + 1, start.line + 5); line++) {
          if (!lines.has(line)) continue
          add(rule, line)
          break
        }
      }
    }
  }
  return found
}
