// The system prompt: our own text and the rules that the repository keeps for agents.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { placeInside } from './tools/place.ts'
import { clip } from './tools/tool.ts'

const ruleFiles = ['AGENTS.md', 'CLAUDE.md', 'GEMINI.md', '.cursorrules', '.github/copilot-instructions.md']

/** `maxChars` bounds what the repository adds. */
export async function systemPrompt(cwd: string, maxChars: number): Promise<string> {
  const own = await readFile(join(import.meta.dirname, 'system.md'), 'utf8')
  const filled = own.replace('{{cwd}}', cwd).replace('{{platform}}', process.platform)
  const rules = await readRules(cwd)
  if (rules.length === 0) return filled
  const text = rules.map((rule) => `<rules file="${rule.path}">\n${rule.text.trim()}\n</rules>`).join('\n\n')
  return `${filled}\nRules of this project\n\n${clip(text, maxChars)}\n`
}

/** Each text once, though several files often hold the same one. */
async function readRules(cwd: string): Promise<{ path: string; text: string }[]> {
  const rules: { path: string; text: string }[] = []
  for (const path of ruleFiles) {
    const text = await readInside(cwd, path)
    if (text?.trim() && !rules.some((rule) => rule.text.trim() === text.trim())) rules.push({ path, text })
  }
  const names = await readdir(join(cwd, '.cursor/rules')).catch(() => [])
  for (const name of names.filter((name) => /\.mdc?$/.test(name)).sort()) {
    const path = `.cursor/rules/${name}`
    const text = await readInside(cwd, path)
    if (text) rules.push({ path, text: cursorRule(text, path) })
  }
  return rules
}

/** A rule that applies always in full; another one as a pointer, to be read when it fits. */
function cursorRule(text: string, path: string): string {
  const [, head = '', body = text] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text.replaceAll('\r\n', '\n')) ?? []
  if (!head || /^alwaysApply:\s*true/m.test(head)) return body
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(head)?.[1]?.trim() ?? ''
  return `Read ${path} before working on ${field('globs') || 'what it describes'}: ${field('description') || 'no description'}`
}

/** A rule file that is a symlink out of the repository is not read. */
async function readInside(cwd: string, path: string): Promise<string | null> {
  try {
    return await readFile(await placeInside(cwd, path, 'read'), 'utf8')
  } catch {
    return null
  }
}
