// Running git: for the house's own stores with every outside configuration switched off, and in the user's checkout as its owner.
import { spawn } from 'node:child_process'

export interface Identity {
  uid: number
  gid: number
}

export interface GitCall {
  gitDir?: string
  workTree?: string
  index?: string
  cwd?: string
  env?: Record<string, string>
  input?: string | Uint8Array
  /** Exit codes that are answers, not failures; 0 always is. */
  codes?: number[]
  as?: Identity | null
  /** Command that carries the program to where the tree can be seen, and into its work tree. */
  via?: string[]
}

export interface GitAnswer {
  code: number
  out: Buffer
  err: string
}

const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin'

/** No system, global or hook configuration, no replace refs, no prompt, no lock taken that is not needed. */
export const houseEnv: Record<string, string> = {
  PATH: searchPath,
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
}

const quiet = ['gc.auto=0', 'maintenance.auto=false', 'core.fsmonitor=false', 'core.hooksPath=/dev/null']
const closed = [...quiet, 'core.attributesFile=/dev/null', 'core.quotePath=false', 'core.splitIndex=false']
const withConfig = (settings: string[]): string[] => settings.flatMap((setting) => ['-c', setting])
const closedArgs = withConfig(closed)
const quietArgs = withConfig([...quiet, 'core.untrackedCache=false', 'core.splitIndex=false', 'safe.directory=*'])

/** A git command that failed where no failure is expected. */
export class GitFailure extends Error {
  override name = 'GitFailure'
  readonly code: number
  readonly err: string
  constructor(args: string[], code: number, err: string) {
    super(`${args.slice(0, 2).join(' ')} ended with ${code}: ${err.trim().slice(0, 2000)}`)
    this.code = code
    this.err = err
  }
}

/** Runs git on a store of the house; nothing of the user's or a workspace's configuration takes part. */
export const git = (args: string[], call: GitCall = {}): Promise<GitAnswer> =>
  run([...closedArgs, ...args], { ...call, env: { ...houseEnv, ...call.env } }, ['git', ...args])

/** Runs git on the user's repository with the user's own configuration, but without hooks and monitors. */
export const userGit = (args: string[], call: GitCall): Promise<GitAnswer> =>
  run(
    [...quietArgs, ...args],
    { ...call, env: { PATH: searchPath, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', ...call.env } },
    ['git', ...args],
  )

/** The answer as one line of text. */
export const line = (answer: GitAnswer): string => answer.out.toString('utf8').trim()

/** NUL-separated records of an answer, in the given encoding. */
export function records(out: Buffer, encoding: BufferEncoding = 'utf8'): string[] {
  const parts = out.toString(encoding).split('\0')
  parts.pop()
  return parts
}

/** A path (one character per byte) as git's stream formats quote it, so that newlines and quotes survive. */
export const quotePath = (path: string): string => `"${path.replace(/[^ !#-[\]-~]/g, octal)}"`
const octal = (character: string): string => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`

/** Inside, paths are strings of one character per byte, so that no file name is ever mangled. */
export const toBytes = (path: string): Buffer => Buffer.from(path, 'latin1')
export const toText = (path: string): string => toBytes(path).toString('utf8')
export const toPath = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

/** Runs any program to its end; the shared edge of git, mount, cp and the like. */
export function run(args: string[], call: GitCall & { program?: string }, shown: string[] = args): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    const env = { ...call.env }
    if (call.gitDir) env.GIT_DIR = call.gitDir
    if (call.workTree) env.GIT_WORK_TREE = call.workTree
    if (call.index) env.GIT_INDEX_FILE = call.index
    const [program = 'git', ...rest] = [...(call.via ?? []), call.program ?? 'git', ...args]
    const child = spawn(program, rest, {
      cwd: call.cwd ?? call.workTree ?? '/',
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(call.as ? { uid: call.as.uid, gid: call.as.gid } : {}),
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', reject)
    // A child that ends before it has read its input is judged by its exit code.
    child.stdin.on('error', () => {})
    child.on('close', (exit, signal) => {
      const code = exit ?? 128
      const text = Buffer.concat(err).toString('utf8') + (signal ? ` (killed by ${signal})` : '')
      if (code === 0 || call.codes?.includes(code)) resolve({ code, out: Buffer.concat(out), err: text })
      else reject(new GitFailure(shown, code, text))
    })
    child.stdin.end(call.input ?? '')
  })
}

/** Runs a program other than git with nothing but a search path; throws what it said when it fails. */
export const tool = (program: string, args: string[], call: GitCall = {}): Promise<GitAnswer> =>
  run(args, { ...call, program, env: { PATH: searchPath, LC_ALL: 'C', ...call.env } }, [program, ...args])

/** Makes a tree belong to someone; symbolic links are not followed. */
export const give = (dir: string, to: Identity): Promise<GitAnswer> =>
  tool('chown', ['-R', '-h', '--', `${to.uid}:${to.gid}`, dir])
