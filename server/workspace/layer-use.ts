// Keeps a sweep off layers that somebody is about to stand on: what was idle when it was listed may be needed by now.
import { openTurns } from '../in-turn.ts'
import type { BaseLayer } from './workspace.ts'

export interface LayerUse {
  /** Finds or builds a layer. No layer of its project goes meanwhile, nor for a while the one that was found. */
  finding(projectId: string, find: () => Promise<BaseLayer>): Promise<BaseLayer>
  /** Removes a layer, when `isIdle` still holds; false when somebody needs it. */
  removing(
    projectId: string,
    dir: string,
    isIdle: () => Promise<boolean>,
    remove: () => Promise<void>,
  ): Promise<boolean>
  /** Nobody needs what was found any more. */
  forget(): void
}

/** From finding a layer until a workspace that stands on it is on disk. */
const settleMs = 60_000

export function openLayerUse(): LayerUse {
  const inTurn = openTurns()
  const finding = new Map<string, number>()
  const found = new Map<string, number>()
  const count = (projectId: string, more: number): void => {
    finding.set(projectId, (finding.get(projectId) ?? 0) + more)
  }
  const isNeeded = (projectId: string, dir: string): boolean =>
    (finding.get(projectId) ?? 0) > 0 || performance.now() < (found.get(dir) ?? 0)

  return {
    async finding(projectId, find) {
      // After a removal that is under way; from then on there is none.
      await inTurn(projectId, async () => count(projectId, 1))
      try {
        const layer = await find()
        for (const dir of [layer.dir, ...layer.below]) found.set(dir, performance.now() + settleMs)
        return layer
      } finally {
        count(projectId, -1)
      }
    },
    removing: (projectId, dir, isIdle, remove) =>
      inTurn(projectId, async () => {
        if (isNeeded(projectId, dir) || !(await isIdle())) return false
        await remove()
        found.delete(dir)
        return true
      }),
    forget: () => found.clear(),
  }
}
