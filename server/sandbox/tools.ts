// The system's own programs that build a sandbox, looked up in fixed places: a PATH could be planted.
import { accessSync, constants } from 'node:fs'

const systemDirs = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin', '/run/current-system/sw/bin']

/** The whole environment of a launcher; what runs inside gets its own, set by the sandbox. */
export const launcherEnv = { PATH: systemDirs.join(':'), LC_ALL: 'C' }

/** Programs the Linux sandbox is made of, with the package that brings each. */
export const sandboxTools = {
  bwrap: 'bubblewrap',
  nsenter: 'util-linux',
  mount: 'util-linux (mount)',
  prlimit: 'util-linux',
  sh: 'a POSIX shell',
} as const
export type SandboxTool = keyof typeof sandboxTools

/** Absolute path of a system program, or null. */
export function findTool(name: string): string | null {
  for (const dir of systemDirs) {
    try {
      accessSync(`${dir}/${name}`, constants.X_OK)
      return `${dir}/${name}`
    } catch {
      // Not in this directory.
    }
  }
  return null
}

export interface FoundTools {
  paths: Record<SandboxTool, string>
  missing: SandboxTool[]
}

let complete: FoundTools | undefined

/** Paths of all tools, and the names of those that are missing; looked up again until none is. */
export function findTools(): FoundTools {
  if (complete) return complete
  const tools = lookUp()
  if (tools.missing.length === 0) complete = tools
  return tools
}

function lookUp(): FoundTools {
  const names = Object.keys(sandboxTools) as SandboxTool[]
  const found = names.map((name) => [name, findTool(name)] as const)
  return {
    paths: Object.fromEntries(found.map(([name, path]) => [name, path ?? name])) as Record<SandboxTool, string>,
    missing: found.filter(([, path]) => path === null).map(([name]) => name),
  }
}
