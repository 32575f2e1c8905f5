// What the journey is given: every room, opened once by the house.
import type { Contender } from '@seatrial/protocol'
import type { Agents } from '../agents/agents.ts'
import type { Advisories } from '../checks/advisories/open-advisories.ts'
import type { Config } from '../config.ts'
import type { Gateway, ModelEndpoint } from '../gateway/gateway.ts'
import type { HouseToml } from '../project/house-toml.ts'
import type { Queue } from '../queue/queue.ts'
import type { Credential } from '../sandbox/egress-credential.ts'
import type { Sandbox, SandboxPolicy } from '../sandbox/sandbox.ts'
import type { Store } from '../store/database.ts'
import type { Workspaces } from '../workspace/workspace.ts'
import type { Budgets } from './budgets.ts'

export interface Rooms {
  config: Config
  store: Store
  queue: Queue
  workspaces: Workspaces
  openSandbox(policy: SandboxPolicy): Promise<Sandbox>
  agents: Agents
  gateway: Gateway
  budgets: Budgets
  /** Unix socket on which the gateway listens for sandboxes. */
  gatewaySocket: string
  /** The configured endpoint of a contender's model; null when it names none, refused when unknown. */
  endpointOf(contender: Contender): Promise<ModelEndpoint | null>
  /** Credentials of private hosts that a project's trials use without seeing them. */
  credentialsOf(projectName: string): Promise<Credential[]>
  /** Model reviewers of the house and their time, read anew each time. */
  panelSettings(): Promise<HouseToml['panel']>
  /** Advisories this house was pointed to, or null. */
  advisories(): Promise<Advisories | null>
  /** Words in place of pictures, for agents or models that cannot see. */
  describePictures(pictures: { name: string; bytes: Uint8Array }[]): Promise<string>
  /** This worker's name in leases and logs. */
  worker: string
  /** Aborts when the house stops: running stages let go without failing their trials. */
  stopping: AbortSignal
  /** Records a bug with its stack in the house's log file. */
  report(error: Error, where: string): void
}
