// The TypeScript that the repository itself uses, run over its projects in a clean copy.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, posix } from 'node:path'
import { nearestConfig, readConfig } from '../graph/tsconfig.ts'
import type { Diagnostic } from '../report.ts'
import { isCode } from '../tree/list-files.ts'
import type { Tree } from '../tree/tree.ts'
import type { CleanCopy } from './clean-copy.ts'

/** `own` is false when the repository has no TypeScript installed and the one that comes with us stands in. */
export type Compiler = { bin: string; version: string; own: boolean }

export function compilerOf(tree: Tree): Compiler {
  for (const from of [
    tree.root,
    ...tree.files.filter((file) => posix.basename(file) === 'package.json').map((file) => dirname(tree.path(file))),
  ]) {
    const found = compilerFrom(join(from, 'package.json'), 'typescript', true)
    if (found) return found
  }
  return compilerFrom(import.meta.url, 'typescript-5', false)!
}

function compilerFrom(from: string, name: string, own: boolean): Compiler | null {
  try {
    const path = createRequire(from).resolve(`${name}/package.json`)
    const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string }
    return { bin: join(dirname(path), 'bin/tsc'), version, own }
  } catch {
    return null
  }
}

/** The projects that hold the files, or all of them; relative to the root. */
export function projectsOf(tree: Tree, files?: string[]): string[] {
  const named =
    files?.filter(isCode).map((file) => nearestConfig(tree, file)) ??
    tree.files.filter((file) => posix.basename(file) === 'tsconfig.json')
  return [...new Set(named.filter((one) => one !== null))].sort()
}

/** Errors of all projects. Those with references are built, which writes into the copy; the others are only checked. */
export async function compile(
  compiler: Compiler,
  copy: CleanCopy,
  projects: string[],
  signal?: AbortSignal,
): Promise<Diagnostic[]> {
  const present = projects.filter((one) => copy.tree.has(one))
  const isBuilt = (one: string): boolean => {
    const config = readConfig(copy.tree.path(one))
    return config !== null && (config.solution || config.composite || config.references.length > 0)
  }
  const built = present.filter(isBuilt)
  const found: Diagnostic[] = []
  if (built.length > 0) found.push(...(await run(compiler, copy, ['-b', ...built], signal)))
  for (const one of present.filter((each) => !isBuilt(each)))
    found.push(...(await run(compiler, copy, ['-p', one, '--noEmit'], signal)))
  const seen = new Set<string>()
  return found.filter((one) => {
    const key = `${one.file}:${one.line}:${one.column}:${one.code}:${one.message}`
    return !seen.has(key) && seen.add(key)
  })
}

const line = /^(.+?)\((\d+),(\d+)\): error TS(\d+): (.*)$/
const bare = /^error TS(\d+): (.*)$/

function run(compiler: Compiler, copy: CleanCopy, args: string[], signal?: AbortSignal): Promise<Diagnostic[]> {
  return new Promise((resolve, reject) => {
    const argv = ['--max-old-space-size=6000', compiler.bin, ...args, '--pretty', 'false']
    const child = spawn(process.execPath, argv, {
      cwd: copy.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal ? { signal, killSignal: 'SIGKILL' as const } : {}),
    })
    let out = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.stderr.on('data', (chunk) => {
      out += chunk
    })
    child.once('error', reject)
    child.once('close', (code, killed) => {
      const found = out.split(/\r?\n/).flatMap((text): Diagnostic[] => {
        const at = line.exec(text)
        if (at)
          return [
            {
              file: copy.tree.inside(posix.resolve(copy.folder, at[1]!)) ?? at[1]!,
              line: Number(at[2]),
              column: Number(at[3]),
              code: Number(at[4]),
              message: at[5]!,
            },
          ]
        const whole = bare.exec(text)
        return whole
          ? [
              {
                file: args.at(args[0] === '-p' ? 1 : -1)!,
                line: 1,
                column: 1,
                code: Number(whole[1]),
                message: whole[2]!,
              },
            ]
          : []
      })
      if (killed !== null || (code !== 0 && found.length === 0))
        reject(new Error(`tsc ${args.join(' ')} ended with ${code ?? killed}: ${out.trim().slice(-300)}`))
      else resolve(found)
    })
  })
}
