// One step of the ladder: a way to give a trial its own writable view of an immutable layer.
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type { TreeMount } from '../sandbox/sandbox.ts'
import type { Identity } from './git.ts'

export interface TrialPlace {
  /** Folder of the trial; rungs put `tree`, `upper` and `work` below it. */
  dir: string
  /** Trees of the layer, topmost first. */
  layers: string[]
  owner: Identity | null
}

/** How the house sees a trial's tree. Where nobody else can see it, for as long as the look lasts. */
export interface Look {
  /** For the house's own eyes. */
  dir: string
  /** The same for the programs it calls, which `via` carries there. */
  workTree: string
  via: string[]
  close(): Promise<void>
}

export interface Rung {
  name: string
  /** Null when it works below this folder, otherwise why not, in one sentence. */
  probe(dir: string): Promise<string | null>
  /** Makes the folder a layer's tree is built in. */
  makeTree(dir: string): Promise<void>
  open(place: TrialPlace): Promise<TreeMount>
  /** After a restart: whether the view is there, mounted again where need be. */
  reopen(place: TrialPlace): Promise<TreeMount | null>
  /** Only where the tree is no directory that the house sees anyway; `write` when no sandbox is open on it. */
  look?(place: TrialPlace, mode: 'read' | 'write'): Promise<Look>
  /** Lets go of mounts; `reopen` brings them back. */
  release(place: TrialPlace): Promise<void>
  /** Releases the view for good, before the trial's folder is removed. */
  close(place: TrialPlace): Promise<void>
  /** How changes are found: in the upper layer, or by comparing with an index. */
  changes: 'upper' | 'index'
  /** Whether files have the inodes of the layer, so that its index fits as it is. */
  inodes: 'kept' | 'new'
}

const probePrefix = 'probe-'

/** A folder to try a rung out in. */
export const probePlace = (dir: string): Promise<string> => mkdtemp(join(dir, probePrefix))

/** Whether a killed probe left this behind. */
export const isProbePlace = (name: string): boolean => name.startsWith(probePrefix)
