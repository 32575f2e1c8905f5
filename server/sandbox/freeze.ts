// Stops whole process trees with SIGSTOP while the house looks at the tree, where no cgroup freezer can.
import { signal, withDescendants } from './process-tree.ts'

/** Stops the trees of `roots` until none of their processes runs; returns those it stopped. */
export function stopTrees(roots: number[]): number[] {
  const stopped = new Set<number>()
  // A process may fork between the look and the signal, so this looks until it finds nobody new.
  for (let found = true; found; ) {
    found = false
    for (const { pid, state } of withDescendants(roots)) {
      if (stopped.has(pid) || state === 'Z') continue
      found = true
      if (signal(pid, 'SIGSTOP')) stopped.add(pid)
    }
  }
  return [...stopped]
}

export function resumeTrees(pids: number[]): void {
  for (const pid of pids) signal(pid, 'SIGCONT')
}
