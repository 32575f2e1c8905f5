// The key under which check results of a tree may be kept and used again.
import { createHash } from 'node:crypto'
import type { CheckSpec } from '@seatrial/protocol'

/** Same tree and same checks, same key; any change of a command, folder, time limit or report gives another. */
export function checkKey(tree: string, specs: readonly CheckSpec[]): string {
  const parts = specs.map((spec) => [
    spec.name,
    spec.kind,
    spec.command,
    spec.cwd,
    spec.timeoutSeconds,
    spec.report?.format ?? null,
    spec.report?.path ?? null,
  ])
  return createHash('sha256')
    .update(JSON.stringify([1, tree, parts]))
    .digest('hex')
    .slice(0, 32)
}
