// Commits as packs, so that another machine can have them: packed here, unpacked there, each remembered by a ref.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from '../whole-file.ts'
import { git, line } from './git.ts'
import { baseRef, makeStore, type Store, storeOf } from './store.ts'
import { snapshotRef } from './trial.ts'

export interface Parcel {
  id: number
  /** Null for a base, which every trial of the project may need. */
  trialId: string | null
  commit: string
  /** Where the history of a base ends, as git's `shallow` file says it. */
  shallow: string | null
}

export interface Parcels {
  /** Is the object in the house's own store of the project? */
  has(projectId: string, object: string): Promise<boolean>
  /** A pack of the commit with all it needs but what `without` brings. */
  pack(projectId: string, commit: string, without: string[]): Promise<Buffer>
  shallowOf(projectId: string): Promise<string | null>
  /** Marks a parcel as known here, so that it is never fetched. */
  remember(projectId: string, parcel: Parcel): Promise<void>
  /** Those of the parcels that were neither sent from here nor unpacked here. */
  unknown(projectId: string, parcels: Parcel[]): Promise<Parcel[]>
  unpack(projectId: string, parcel: Parcel, pack: Buffer): Promise<void>
  /** Patterns of files that ask before they are taken, as the diff of a project marks them. */
  noteSensitive(projectId: string, patterns: string[]): Promise<void>
}

export function openParcels(root: string): Parcels {
  const homeOf = (store: Store, parcel: Pick<Parcel, 'trialId'>): string =>
    parcel.trialId === null ? store.baseGit : store.git
  const has = async (projectId: string, object: string): Promise<boolean> => {
    const store = storeOf(root, projectId)
    if (!existsSync(store.git)) return false
    return (await git(['cat-file', '-e', object], { gitDir: store.git, codes: [1, 128] })).code === 0
  }
  const remember = async (projectId: string, parcel: Parcel): Promise<void> => {
    await git(['update-ref', refOf(parcel), parcel.commit], { gitDir: homeOf(storeOf(root, projectId), parcel) })
  }
  return {
    has,
    remember,
    async pack(projectId, commit, without) {
      const known: string[] = []
      for (const each of without) if (await has(projectId, each)) known.push(each)
      const input = `${[commit, ...known.map((each) => `^${each}`)].join('\n')}\n`
      const args = ['pack-objects', '--revs', '--thin', '--delta-base-offset', '--stdout', '-q']
      return (await git(args, { gitDir: storeOf(root, projectId).git, input })).out
    },
    shallowOf: (projectId) => readFile(join(storeOf(root, projectId).baseGit, 'shallow'), 'utf8').catch(() => null),
    async unknown(projectId, parcels) {
      const store = storeOf(root, projectId)
      if (!existsSync(store.git)) return parcels
      const refs = new Set<string>()
      for (const gitDir of [store.baseGit, store.git]) {
        const listed = line(await git(['for-each-ref', '--format=%(refname)', 'refs/seatrial/'], { gitDir }))
        for (const ref of listed.split('\n')) refs.add(ref)
      }
      return parcels.filter((parcel) => !refs.has(refOf(parcel)))
    },
    async unpack(projectId, parcel, pack) {
      const store = storeOf(root, projectId)
      await makeStore(store, parcel.commit.length === 64 ? 'sha256' : 'sha1')
      if (parcel.shallow) {
        for (const gitDir of [store.baseGit, store.git]) await writeWhole(join(gitDir, 'shallow'), parcel.shallow)
      }
      await git(['index-pack', '--stdin', '--fix-thin'], { gitDir: homeOf(store, parcel), input: pack })
      await remember(projectId, parcel)
    },
    async noteSensitive(projectId, patterns) {
      await writeWhole(join(storeOf(root, projectId).dir, 'sensitive.json'), JSON.stringify(patterns))
    },
  }
}

/** Below the refs of the trial, so that both go together when nobody needs the trial any more. */
const refOf = ({ id, trialId, commit }: Parcel): string =>
  trialId === null ? baseRef(commit) : snapshotRef(trialId, `parcel-${id}`)
