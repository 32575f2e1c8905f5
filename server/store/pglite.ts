// The embedded database: PGlite with a file system that really syncs. A timed CHECKPOINT keeps the WAL small.
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

export const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url))

interface EmscriptenStream {
  nfd?: number
  node: unknown
}
interface EmscriptenModule {
  NODEFS: { stream_ops: { fsync?: (stream: EmscriptenStream) => number }; realPath(node: unknown): string }
}

/** Counts syncs, so that a test can prove that a commit reaches the disk. */
export const syncs = { count: 0 }

class SyncingNodeFS extends NodeFS {
  override async init(...args: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const result = await super.init(...args)
    const preRun = result.emscriptenOpts.preRun as unknown as ((module: EmscriptenModule) => void)[]
    preRun.push((module) => {
      module.NODEFS.stream_ops.fsync = (stream) => {
        syncs.count += 1
        if (stream.nfd != null) {
          fsyncSync(stream.nfd)
          return 0
        }
        const descriptor = openSync(module.NODEFS.realPath(stream.node), 'r')
        try {
          fsyncSync(descriptor)
        } finally {
          closeSync(descriptor)
        }
        return 0
      }
    })
    return result
  }
}

const settings = ['fsync=on', 'wal_sync_method=fsync', 'max_wal_size=128MB', 'min_wal_size=32MB', 'shared_buffers=16MB']

/** Opens (or makes) the embedded database in `dir`. The caller holds the lock of the data folder. */
export function openPglite(dir: string): Promise<PGlite> {
  return PGlite.create({
    fs: new SyncingNodeFS(dir),
    startParams: [
      ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
      ...settings.flatMap((setting) => ['-c', setting]),
    ],
  })
}
