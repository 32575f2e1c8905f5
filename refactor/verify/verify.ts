// Does the tree still type-check, judged by the repository's own TypeScript in clean copies before and after?
import { compareDiagnostics } from '../language/diagnose.ts'
import type { Diagnostic } from '../report.ts'
import { openTree } from '../tree/tree.ts'
import { type CleanCopy, cleanCopy } from './clean-copy.ts'
import { compile, compilerOf, projectsOf } from './compiler.ts'

export type VerifyRequest = {
  root: string
  /** Only the projects of these files; all projects without it. */
  files?: string[] | undefined
  /** What to compare with: a git revision (default HEAD) or a copy taken before the change. */
  base?: string | CleanCopy | undefined
  moved?: Map<string, string> | undefined
  signal?: AbortSignal | undefined
}

export type Verification = {
  ok: boolean
  compiler: string
  projects: string[]
  /** Null when there was no need to look: a tree without errors cannot have new ones. */
  before: Diagnostic[] | null
  after: Diagnostic[]
  newDiagnostics: Diagnostic[]
}

export async function verify(request: VerifyRequest): Promise<Verification> {
  const copy = cleanCopy(request.root)
  try {
    const compiler = compilerOf(openTree(request.root))
    const projects = projectsOf(copy.tree, request.files)
    const after = await compile(compiler, copy, projects, request.signal)
    const before = after.length === 0 ? null : await errorsBefore(request, compiler, projects)
    const newDiagnostics = before === null ? [] : compareDiagnostics(before, after, request.moved)
    const label = `typescript ${compiler.version}${compiler.own ? '' : ' (the repository has none of its own)'}`
    return { ok: newDiagnostics.length === 0, compiler: label, projects, before, after, newDiagnostics }
  } finally {
    copy.close()
  }
}

async function errorsBefore(
  request: VerifyRequest,
  compiler: Parameters<typeof compile>[0],
  projects: string[],
): Promise<Diagnostic[]> {
  const base = request.base ?? 'HEAD'
  if (typeof base !== 'string') return compile(compiler, base, projectsIn(base, projects, request), request.signal)
  const copy = cleanCopy(request.root, base)
  try {
    return await compile(compiler, copy, projectsIn(copy, projects, request), request.signal)
  } finally {
    copy.close()
  }
}

/** The same projects, and those that the moved files were in. */
const projectsIn = (copy: CleanCopy, projects: string[], request: VerifyRequest): string[] => [
  ...new Set([...projects, ...projectsOf(copy.tree, [...(request.moved?.keys() ?? [])])]),
]
