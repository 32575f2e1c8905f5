// The port of workspaces: an immutable base layer, copy-on-write views of it, checkpoints and diffs.
import type { Base, BaseSpec, Candidate, Diff, ProjectSettings } from '@seatrial/protocol'
import type { TreeMount } from '../sandbox/sandbox.ts'

/** What the workspace room needs to know of a project. */
export interface ProjectRef {
  id: string
  /** The user's checkout; only ever read here. */
  path: string
  settings: ProjectSettings
}

/** A base layer on disk: tree and dependencies, built once, read-only from then on. */
export interface BaseLayer {
  key: string
  base: Base
  dir: string
  /** Folders of the layers it stands on, topmost first: it holds only what differs from them. */
  below: string[]
  /** Null when the layer was already there. */
  builtMs: number | null
}

/** What is taken of one candidate: hunks by id, and files as a whole by path. */
export interface TreePick {
  tree: string
  hunks: string[]
  files: string[]
}

/** Runs the project's set-up commands on the unfinished layer (inside the sandbox); throws `Refusal` when one fails. */
export type RunSetup = (tree: TreeMount, commands: string[], say: (sentence: string) => void) => Promise<void>

/** A tree and a commit in the house's own store. */
export interface Snapshot {
  commit: string
  tree: string
  /** Files changed against the snapshot before. */
  files: number
  /** What was left out of it (nested repositories, devices, oversized files), a sentence each. */
  findings: string[]
}

export interface Workspace {
  readonly trialId: string
  readonly projectId: string
  readonly base: Base
  /** Newest snapshot taken or put back here; the base's commit before there is one. */
  readonly lastCommit: string
  readonly rung: string
  readonly readyMs: number
  readonly tree: TreeMount
  /** Where the tree is mounted or copied; empty to the house itself when `tree` is an overlay of the sandbox. */
  readonly dir: string
  /** Private home of the trial, made empty. */
  readonly home: string
  /** First of ten TCP ports reserved for this trial. */
  readonly portBase: number
  /** Snapshot of the tree as it stands, or null when nothing changed since the last one. Call while processes are frozen or dead. */
  checkpoint(message: string): Promise<Snapshot | null>
  /** Snapshots from now on come after this one, which the log knows, whatever was taken since. The tree stays as it is. */
  standOn(commit: string): Promise<void>
  /** What the newest look left out of the tree and why, a sentence each; also when nothing else changed. */
  leftOut(): string[]
  /** Puts the tree of a snapshot back, ignored files (dependencies, caches) untouched. Call while no sandbox is open on it. */
  restore(commit: string): Promise<void>
  /** Hash of the tree as it stands. */
  treeHash(): Promise<string>
  /** Unmounts and removes everything of the trial but its snapshots. */
  destroy(): Promise<void>
}

export interface Workspaces {
  /** Lets go of every mount; `reopen` brings a trial's back. Nothing is removed. */
  close(): Promise<void>
  /** Git directory of the house's own store of a project. */
  storeDir(projectId: string): string
  /** The ladder as probed on this machine: the rung in use and why the ones above it are not. */
  probe(): Promise<{ rung: string; findings: { rung: string; usable: boolean; sentence: string }[] }>
  /** Resolves a base and copies it into the house's store without touching checkout, index or refs. Refuses bare, empty, unborn. */
  resolveBase(project: ProjectRef, spec: BaseSpec): Promise<Base>
  /** Finds or builds the base layer; two calls for one key build once. */
  baseLayer(project: ProjectRef, base: Base, runSetup: RunSetup, say: (sentence: string) => void): Promise<BaseLayer>
  /** A fresh view of the layer for a trial; `from` is a snapshot to start at instead of the base. */
  create(trialId: string, layer: BaseLayer, from?: string): Promise<Workspace>
  /** The workspace of a trial, mounted again where need be, or null when it is gone. */
  reopen(trialId: string): Promise<Workspace | null>
  /** Lets go of the mounts of a trial that nobody works in: every sandbox would copy them. `reopen` brings them back. */
  rest(trialId: string): Promise<void>
  /** Diff of two trees in the store of a project, made without any user or workspace configuration. */
  diff(projectId: string, from: string, to: string, options?: { path?: string }): Promise<Diff>
  patch(projectId: string, from: string, to: string): Promise<string>
  /** A file of a tree: null when absent. */
  readFile(projectId: string, tree: string, path: string): Promise<Uint8Array | null>
  /** Paths that differ between two trees. */
  changedPaths(projectId: string, from: string, to: string): Promise<string[]>
  /** All paths of a tree. */
  listFiles(projectId: string, tree: string): Promise<string[]>
  candidate(projectId: string, base: Base, commit: string): Promise<Candidate>
  /** Is `commit` the same as `earlier`, or made on top of it? False when either is unknown here. */
  follows(projectId: string, commit: string, earlier: string): Promise<boolean>
  /** A new commit in the store: `base` with the picked hunks and files of several candidates; refuses when they collide. */
  compose(projectId: string, base: Base, picks: TreePick[]): Promise<Snapshot>
  /** Folder of git objects that the `.git` of a project's workspaces borrows: show it read-only at the same path in every sandbox. */
  objects(projectId: string): string
  /**
   * Folders, layers and stores with sizes, for retention; `keep` says what must stay. `remove` is false when a layer is
   * needed by now.
   */
  garbage(keep: {
    trials: Set<string>
    projects: Set<string>
  }): Promise<{ kind: string; id: string; bytes: number; remove(): Promise<boolean> }[]>
}
