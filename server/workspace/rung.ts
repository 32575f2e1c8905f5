// One step of the ladder: a way to give a trial its own writable view of an immutable layer.
import type { TreeMount } from '../sandbox/sandbox.ts'
import type { Identity } from './git.ts'

export interface TrialPlace {
  /** Folder of the trial; rungs put `tree`, `upper` and `work` below it. */
  dir: string
  /** Trees of the layer, topmost first. */
  layers: string[]
  owner: Identity | null
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
  /** Releases the view before the trial's folder is removed. */
  close(place: TrialPlace): Promise<void>
  /** How changes are found: in the upper layer, or by comparing with an index. */
  changes: 'upper' | 'index'
}
