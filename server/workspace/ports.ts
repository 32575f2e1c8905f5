// Every workspace has a block of ports of its own, for what its trial serves.
const firstPort = 20_000
const portsEach = 10
/** Up to where systems begin to hand out ports by themselves. */
const allBlocks = 1200

export interface Ports {
  /** First port of the block that the fewest have, lowest first. Until `settled` it counts as had by one more. */
  take(): Promise<number>
  /** The workspace is on disk, or did not come about. */
  settled(port: number): void
}

/**
 * `kept` lists the first ports of all workspaces on disk. More workspaces than blocks share them: they only meet where
 * trials use the host's network, without a sandbox.
 */
export function openPorts(kept: () => Promise<number[]>, count = allBlocks): Ports {
  const beginning: number[] = []
  return {
    async take() {
      const owners = new Map(Array.from({ length: count }, (_, block) => [firstPort + block * portsEach, 0]))
      // Before and after: one may settle while the disk is read.
      const before = [...beginning]
      for (const port of [...before, ...(await kept()), ...beginning]) owners.set(port, (owners.get(port) ?? 0) + 1)
      const [port] = [...owners].reduce((best, next) => (next[1] < best[1] ? next : best))
      beginning.push(port)
      return port
    },
    settled: (port) => void beginning.splice(beginning.indexOf(port), 1),
  }
}
