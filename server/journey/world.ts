// The world of one trial: its workspace, its sandbox, its way out. Stages open it, use it and close it.
import { existsSync } from 'node:fs'
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type EventBody, ProjectSettings, Refusal } from '@seatrial/protocol'
import { plainText } from '@seatrial/protocol/plain-text'
import { eq } from 'drizzle-orm'
import { commandDirs } from '../project/command-dirs.ts'
import { proxyEnv, startEgressProxy } from '../sandbox/egress.ts'
import { placeOf, trustFiles } from '../sandbox/egress-credential.ts'
import { sandboxIdentity } from '../sandbox/identity.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { project as projects, task as tasks } from '../store/tables.ts'
import type { ProjectRef, RunSetup, Workspace } from '../workspace/workspace.ts'
import { egressVoice } from './egress.ts'
import type { Rooms } from './rooms.ts'
import { type CommandResult, type RunInsideOptions, runInside } from './run-inside.ts'

/** Ports on 127.0.0.1 inside a sandbox: the last two of the trial's block, so that unsandboxed trials do not collide. */
export const insidePorts = (portBase: number): { gateway: number; proxy: number } =>
  portBase > 0 ? { gateway: portBase + 8, proxy: portBase + 9 } : { gateway: 8787, proxy: 3128 }

export type TaskRow = typeof tasks.$inferSelect

export interface World {
  task: TaskRow
  project: ProjectRef
  projectName: string
  settings: ProjectSettings
}

export async function readWorld(rooms: Rooms, taskId: string): Promise<World> {
  const [row] = await rooms.store.db
    .select()
    .from(tasks)
    .innerJoin(projects, eq(tasks.projectId, projects.id))
    .where(eq(tasks.id, taskId))
  if (!row) throw new Error(`Task ${taskId} has no row`)
  // A task of an earlier version has the defaults of what was added since.
  const settings = ProjectSettings.parse(row.task.settings)
  const { id, path, name } = row.project
  return { task: row.task, settings, project: { id, path, settings }, projectName: name }
}

/** What of a workspace a sandbox is opened over. */
export type View = Pick<Workspace, 'tree' | 'home' | 'portBase'>

export interface OpenedSandbox {
  sandbox: Sandbox
  run(command: string, options: RunInsideOptions): Promise<CommandResult>
  close(): Promise<void>
}

/** Opens a sandbox over a workspace, with the gateway and the egress proxy as its only ways out. */
export async function openTrialSandbox(
  rooms: Rooms,
  world: World,
  view: View,
  options: { name: string; readOnly: string[]; say(body: EventBody): void; trialId: string | null },
): Promise<OpenedSandbox> {
  const { settings } = world
  const credentials = await rooms.credentialsOf(world.projectName)
  const run = join(rooms.config.dataDir, 'run')
  const closing = new AbortController()
  // Ended in the reverse order, also when a later step fails.
  await using ends = new AsyncDisposableStack()
  const asker = { projectId: world.project.id, taskId: world.task.id, trialId: options.trialId }
  const proxy = await startEgressProxy({
    socketPath: join(run, `${options.name}.sock`),
    allow: [...settings.egress.allow, ...credentials.map(placeOf)],
    credentials,
    presets: settings.egress.presets,
    unknown: settings.egress.unknown,
    onRequest: (request) => options.say({ type: 'egress.asked', ...request }),
    byteBudget: settings.egress.megabytes * 1_000_000,
    ...egressVoice(rooms, asker, closing.signal),
  })
  const egress = ends.adopt(proxy, (each) => each.close())
  const trustDir = join(run, `${options.name}-trust`)
  ends.defer(() => rm(trustDir, { recursive: true, force: true }))
  const trust = await writeTrust(trustDir, egress.certificate)
  const { houseDir, node } = rooms.config
  const ports = insidePorts(view.portBase)
  const opened = await rooms.openSandbox({
    name: options.name,
    level: settings.sandbox,
    tree: view.tree,
    mountAt: world.project.path,
    home: view.home,
    readOnly: [
      ...houseMounts(houseDir),
      dirname(node),
      rooms.workspaces.objects(world.project.id),
      ...trust.dirs,
      ...options.readOnly,
    ],
    env: {
      PATH: [join(houseDir, 'refactor', 'bin'), ...commandDirs].join(':'),
      LANG: 'C.UTF-8',
      CI: '1',
      SEATRIAL: '1',
      SEATRIAL_PORT_BASE: String(view.portBase),
      PORT: String(view.portBase),
      ...proxyEnv(ports.proxy),
      ...trust.env,
      ...settings.env,
    },
    forwards: { [ports.gateway]: rooms.gatewaySocket, [ports.proxy]: egress.socketPath },
    limits: settings.limits,
  })
  const sandbox = ends.adopt(opened, (each) => each.close())
  ends.defer(() => closing.abort())
  const kept = ends.move()
  return {
    sandbox,
    run: (command, runOptions) => runInside(sandbox, command, runOptions),
    close: () => kept.disposeAsync(),
  }
}

/** Where systems keep the certificates they trust. */
const systemTrust = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem']

/** Makes tools inside trust the proxy for hosts with a credential; nothing where there is none. */
async function writeTrust(dir: string, certificate: string | null) {
  if (certificate === null) return { dirs: [], env: {} }
  const found = systemTrust.find((path) => existsSync(path))
  const { files, env } = trustFiles(dir, certificate, found ? await readFile(found, 'utf8') : null)
  await mkdir(dir, { recursive: true, mode: 0o755 })
  for (const [path, text] of Object.entries(files)) await writeFile(path, text, { mode: 0o644 })
  return { dirs: [dir], env }
}

/** What of this installation a sandbox may read. */
export const houseMounts = (houseDir: string): string[] =>
  ['agent', 'refactor', 'protocol', 'scripted', 'node_modules', 'package.json'].map((name) => join(houseDir, name))

/** Runs a project's set-up commands over an unfinished base layer, inside a sandbox of its own. */
export function setupRunner(rooms: Rooms, world: World, name: string, say: (body: EventBody) => void): RunSetup {
  return async (tree, commands, tell) => {
    const home = join(rooms.config.dataDir, 'run', `${name}-home`)
    await using ends = new AsyncDisposableStack()
    ends.defer(() => rm(home, { recursive: true, force: true }))
    await makeOwned(home)
    const view: View = { tree, home, portBase: 0 }
    const opened = await openTrialSandbox(rooms, world, view, { name, readOnly: [], say, trialId: null })
    ends.defer(opened.close)
    for (const command of commands) {
      tell(`set-up: ${command}`)
      const result = await opened.run(command, { cwd: '.', timeoutMs: setupTimeoutMs })
      if (result.exitCode !== 0) {
        throw new Refusal(
          'unprocessable',
          `Set-up command \`${command}\` ${result.timedOut ? 'did not end' : `ended with ${result.exitCode}`}: ${tail(result.output)}`,
        )
      }
    }
  }
}

const setupTimeoutMs = 20 * 60_000

const tail = (output: string): string => plainText(output).trim().split('\n').slice(-5).join(' / ').slice(-600)

async function makeOwned(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const identity = sandboxIdentity()
  if (identity) await chown(dir, identity.uid, identity.gid)
}
