// Set-up that a project already declares for Cursor or for dev containers, so that it works here unchanged.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse as parseJsonc } from 'jsonc-parser'
import { type Detection, quote } from './detection.ts'

// biome-ignore lint/suspicious/noExplicitAny: other people's files, read defensively
type Loose = any

export const editorFiles = {
  environment: '.cursor/environment.json',
  worktrees: '.cursor/worktrees.json',
  devcontainers: ['.devcontainer/devcontainer.json', '.devcontainer.json'],
}

export async function readJsonc(root: string, file: string): Promise<Loose | null> {
  const text = await readFile(join(root, file), 'utf8').catch(() => null)
  return text === null ? null : (parseJsonc(text, [], { allowTrailingComma: true }) ?? null)
}

/** `install` of Cursor's background agents. */
export async function detectCursorEnvironment(root: string): Promise<Detection | null> {
  const file = editorFiles.environment
  const install = (await readJsonc(root, file))?.install
  const setup = [install ?? []].flat().filter((command) => typeof command === 'string' && command.trim())
  return setup.length > 0 ? { from: file, setup } : null
}

/** `setup-worktree` of Cursor's worktrees: a list of commands, or a script beside the file. */
export async function detectCursorWorktrees(root: string): Promise<Detection | null> {
  const file = editorFiles.worktrees
  const config = await readJsonc(root, file)
  const declared = config?.['setup-worktree-unix'] ?? config?.['setup-worktree']
  if (typeof declared === 'string' && declared.trim()) {
    return { from: file, setup: [`bash .cursor/${quote(declared.trim().replace(/^(\.\/)?(\.cursor\/)?/, ''))}`] }
  }
  if (!Array.isArray(declared)) return null
  const carry: string[] = []
  const setup = declared
    .filter((command): command is string => typeof command === 'string')
    .flatMap((command) => carried(command, carry))
  return { from: file, setup, ...(carry.length > 0 ? { carry } : {}) }
}

const rootVariable = /["']?\$\{?ROOT_WORKTREE_PATH\}?\/([^\s"';&|]+)["']?/g

/** What a command fetches from the checkout is carried into the workspace, where it then lies at the same path. */
function carried(command: string, carry: string[]): string[] {
  carry.push(...[...command.matchAll(rootVariable)].map(([, path]) => path!))
  const here = command.replace(rootVariable, (_, path: string) => quote(path))
  const copy = /^(?:cp|ln)\s+(?:-\w+\s+)*(\S+)\s+(\S+)$/.exec(here.trim())
  const plain = (path: string) => path.replace(/^\.\//, '')
  const same = copy && (plain(copy[1]!) === plain(copy[2]!) || copy[2] === '.')
  return same && here !== command ? [] : [here]
}

/** The commands a dev container runs once, in their order. */
export async function detectDevcontainer(root: string): Promise<Detection | null> {
  for (const file of editorFiles.devcontainers) {
    const config = await readJsonc(root, file)
    if (!config) continue
    const commands = ['onCreateCommand', 'updateContentCommand', 'postCreateCommand']
    const setup = commands.flatMap((name) => readCommand(config[name]))
    const env = Object.fromEntries(
      Object.entries({ ...config.containerEnv, ...config.remoteEnv }).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string' && !entry[1].includes('${'),
      ),
    )
    const found = { ...(setup.length > 0 ? { setup } : {}), ...(Object.keys(env).length > 0 ? { env } : {}) }
    return Object.keys(found).length > 0 ? { from: file, ...found } : null
  }
  return null
}

/** A text for the shell, a list of arguments, or several of either by name. */
function readCommand(command: Loose): string[] {
  if (typeof command === 'string') return command.trim() ? [command] : []
  if (Array.isArray(command)) return command.length > 0 ? [command.map((part) => quote(String(part))).join(' ')] : []
  if (command !== null && typeof command === 'object') return Object.values(command).flatMap(readCommand)
  return []
}
