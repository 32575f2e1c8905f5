// New secrets on added lines: secretlint's recommended rules in process, beside a pack of our own.

import type { FileDiff } from '@seatrial/protocol'
import { lintSource } from '@secretlint/core'
import { creator } from '@secretlint/secretlint-rule-preset-recommend'
import { count, listNames } from '../names.ts'
import { baseName, isDocs, isFixture, isLockfile, isTest } from '../source/file-kinds.ts'
import { bad, type Draft, good, place } from './draft.ts'
import { addedLines, type Facts, type Line } from './facts.ts'

interface Leak {
  path: string
  line: number
  what: string
  value: string
}

/** Shapes of keys that say by themselves what they are. */
const shapes: { what: string; pattern: RegExp }[] = [
  { what: 'AWS access key id', pattern: /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b/ },
  { what: 'GitHub token', pattern: /\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_\w{60,}\b/ },
  { what: 'GitLab token', pattern: /\bgl(?:pat|ptt|dt|rt)-[\w-]{20,}\b/ },
  { what: 'Slack token', pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}\b/ },
  { what: 'Slack webhook', pattern: /hooks\.slack\.com\/services\/T\w+\/B\w+\/\w{20,}/ },
  { what: 'Stripe key', pattern: /\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{20,}\b/ },
  { what: 'model provider key', pattern: /\bsk-(?:ant-|proj-|or-v1-)?[A-Za-z0-9_-]{32,}\b/ },
  { what: 'Google API key', pattern: /\bAIza[\w-]{35}\b/ },
  { what: 'npm token', pattern: /\bnpm_[A-Za-z0-9]{36}\b|_authToken\s*=\s*[\w-]{20,}/ },
  { what: 'SendGrid key', pattern: /\bSG\.[\w-]{20,}\.[\w-]{20,}\b/ },
  { what: 'JSON web token', pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}\b/ },
  { what: 'private key', pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----/ },
  {
    what: 'password in a URL',
    pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@'"`<>{}$]{1,80}:([^\s@/'"`<>{}$]{3,80})@[\w.-]+/,
  },
]

/** A name that promises a secret, and the literal given to it. */
const assigned =
  /\b[\w.-]{0,40}(?:secret|token|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|credential)[\w-]{0,20}["']?\]?\s*(?::\s*string\s*)?(?:=|:|=>|,)\s*["'`]([^"'`\s]{8,200})["'`]/gi
const placeholder =
  /^(?:x+|\*+|\.+|0+|1234\w*|<.*>|\$\{.*|\{\{.*|%\w+%|process\.env.*)$|example|sample|placeholder|changeme|change-me|your[-_]|dummy|redacted|insert|todo|fake|test|localhost|password|secret$|undefined|null/i
const longToken = /["'`]([A-Za-z0-9+/_=-]{32,200})["'`]/g

export async function measureSecrets(facts: Facts): Promise<Draft> {
  const files = facts.files.filter((file) => !file.binary && file.status !== 'deleted' && file.added > 0)
  const leaks: Leak[] = []
  for (const file of files) leaks.push(...(await leaksIn(facts, file)))
  // A secret that the base already holds somewhere in the same change was moved, not added.
  const before = facts.files
    .flatMap((file) => file.hunks.flatMap((hunk) => hunk.lines.filter((line) => line.startsWith('-'))))
    .join('\n')
  const fresh = leaks.filter((leak) => !before.includes(leak.value))
  const places = fresh.map((leak) => place(leak.path, leak.line, `${leak.what}: ${mask(leak.value)}`))
  const lists = { new: fresh.map((leak) => `${leak.what} in ${leak.path}:${leak.line}`) }
  if (fresh.length > 0)
    return bad('critical', `${count(fresh.length, 'secret')} added: ${listNames(lists.new)}`, {
      places,
      lists,
      head: fresh.length,
    })
  return good('No secret on added lines', { head: 0 })
}

async function leaksIn(facts: Facts, file: FileDiff): Promise<Leak[]> {
  const lines = addedLines(file)
  const leaks: Leak[] = []
  if (/^\.env(?:\.(?!example|sample|template|dist|test)\w+)?$/.test(baseName(file.path))) {
    const set = lines.find(
      (one) => /^\s*(?:export\s+)?\w+\s*=\s*\S{6,}/.test(one.text) && !placeholder.test(one.text.split('=')[1] ?? ''),
    )
    if (set) leaks.push({ path: file.path, line: set.line, what: 'environment file', value: set.text.trim() })
  }
  for (const line of lines) leaks.push(...ownPack(file.path, line))
  const text = await facts.text('head', file.path)
  if (text !== null && text.length < 2_000_000) {
    const added = new Set(lines.map((one) => one.line))
    for (const leak of await bySecretlint(file.path, text)) if (added.has(leak.line)) leaks.push(leak)
  }
  const seen = new Set<number>()
  return leaks.filter((leak) => !seen.has(leak.line) && seen.add(leak.line))
}

function ownPack(path: string, { line, text }: Line): Leak[] {
  const content = text.slice(0, 4000)
  for (const { what, pattern } of shapes) {
    const match = pattern.exec(content)
    const value = match?.[1] ?? match?.[0]
    if (value && !/example|\.\.\.|xxxx|0000000/i.test(match?.[0] ?? '')) return [{ path, line, what, value }]
  }
  // Tests, fixtures and pages are full of made-up values; there only shapes that say what they are count.
  if (isLockfile(path) || isTest(path) || isFixture(path) || isDocs(path)) return []
  if (/integrity|sha(?:256|384|512)|checksum|digest/i.test(content)) return []
  for (const match of content.matchAll(assigned)) {
    const value = match[1] ?? ''
    // The name of a variable or a file in which the secret is kept is no secret.
    if (/^[A-Z][A-Z0-9_]+$|^[./\w-]+\.\w{1,5}$/.test(value)) continue
    if (!placeholder.test(value) && entropy(value) >= 3) return [{ path, line, what: 'secret in a literal', value }]
  }
  for (const match of content.matchAll(longToken)) {
    const value = match[1] ?? ''
    const mixed = /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value) && !/[/=-]{2}|[a-z]{12}/.test(value)
    if (mixed && entropy(value) >= 4.3) return [{ path, line, what: 'random-looking literal', value }]
  }
  return []
}

async function bySecretlint(path: string, content: string): Promise<Leak[]> {
  const result = await lintSource({
    source: { content, filePath: path, ext: path.slice(path.lastIndexOf('.')), contentType: 'text' },
    options: {
      noPhysicFilePath: true,
      config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator, options: {} }] },
    },
  })
  return result.messages.map((message) => ({
    path,
    line: message.loc.start.line,
    what: (message.messageId ?? 'secret').toLowerCase().replaceAll('_', ' '),
    value: content.slice(message.range[0], message.range[1]),
  }))
}

/** Bits per character. */
function entropy(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  return [...counts.values()].reduce((sum, n) => sum - (n / text.length) * Math.log2(n / text.length), 0)
}

/** Evidence is shown and stored: it must not spread the secret. */
const mask = (value: string): string => `${value.slice(0, 4)}…(${value.length} characters)`
