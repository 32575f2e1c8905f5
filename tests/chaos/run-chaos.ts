// One run of chaos from an empty folder to the auditor's findings; tidies up after itself.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@seatrial/protocol/client'
import { leaks, makeRepo, removeRepo, unmountBelow } from '../house.ts'
import { startPostgres } from '../postgres.ts'
import {
  audit,
  leftGroups,
  leftLayers,
  leftOpen,
  leftWorkspaces,
  orphans,
  undecidedTrials,
  waitForRest,
} from './audit.ts'
import { type ChaosEnd, drive } from './driver.ts'
import type { Acknowledged } from './person.ts'
import { seeded } from './random.ts'

export interface ChaosRun {
  store: 'embedded' | 'postgres'
  kills: number
  seed: number
  say(sentence: string): void
}

export interface ChaosReport {
  /** Empty when nothing was lost, doubled, stuck, corrupt or left behind. */
  findings: string[]
  accepted: number
}

const restMs = 4 * 60_000
const smallDiskMb = 768

export async function runChaos({ store, kills, seed, say }: ChaosRun): Promise<ChaosReport> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'chaos-')))
  const smallDisk = process.getuid?.() === 0
  if (smallDisk) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${smallDiskMb}m`, 'chaos', root])
  const dataDir = join(root, 'house')
  const workerDirs = store === 'postgres' ? [join(root, 'worker-1'), join(root, 'worker-2')] : []
  const repo = await makeRepo({ 'a.txt': 'a\n' })
  const server = store === 'postgres' ? await startPostgres() : null
  try {
    await mkdir(dataDir)
    const postgres = server && { server, database: await server.fresh() }
    const random = seeded(seed)
    const started = performance.now()
    const look = async (client: Client, acknowledged: Acknowledged) => {
      const findings = [
        ...(await waitForRest(client, restMs)),
        ...(await audit(client, repo, acknowledged)),
        ...(await leftOpen([dataDir, ...workerDirs])),
      ]
      // At once: whoever ends a long run by hand still learns why.
      for (const finding of findings) say(`${finding}\n${await storyOf(client, finding)}`)
      return findings
    }
    const end = await drive({ dataDir, repo, kills, random, postgres, workerDirs, smallDisk, look, say })
    const findings = [...end.findings, ...(await leftBehind(end, [dataDir, ...workerDirs]))]
    if (findings.length > 0) say(logOf(dataDir))
    say(`${sentenceOf(end)} In ${Math.round((performance.now() - started) / 1000)} s.`)
    return { findings, accepted: end.acknowledged.accepts.size }
  } finally {
    await unmountBelow(root)
    await server?.remove()
    await rm(root, { recursive: true, force: true })
    await removeRepo(repo)
  }
}

/** Ends everything and says what is left of it. */
async function leftBehind({ house, workers, pids }: ChaosEnd, dataDirs: string[]): Promise<string[]> {
  const findings: string[] = []
  await house.client
    .collectGarbage({ body: { dryRun: false } })
    .catch((error: Error) => findings.push(`left: gc failed: ${error.message}`))
  const undecided = await undecidedTrials(house.client)
  for (const worker of workers) await worker.stop()
  await house.stop()
  findings.push(...leftWorkspaces(dataDirs[0] ?? '', undecided))
  for (const dir of dataDirs) findings.push(...leaks(dir).map((each) => `left: ${each}`), ...leftLayers(dir))
  findings.push(...leftGroups(pids), ...(await orphans()))
  return findings
}

/** The events of the task that a finding names, one to a line. */
async function storyOf(client: Client, finding: string): Promise<string> {
  const [task] = /\bt-[0-9a-z]{8}\b/.exec(finding) ?? []
  if (!task) return ''
  const { events } = await client.listEvents({ query: { task, limit: 1000 } })
  return events
    .map(({ at, trialId, body }) => `    ${at} ${trialId ?? ''} ${JSON.stringify(body).slice(0, 200)}`)
    .join('\n')
}

/** The end of the house's own log, for whoever looks for a cause. */
function logOf(dataDir: string): string {
  const path = join(dataDir, 'house.log')
  return existsSync(path) ? readFileSync(path, 'utf8').slice(-6000) : ''
}

function sentenceOf({ acknowledged, done }: ChaosEnd): string {
  const { tasks, accepts, rejects, cancels, undos } = acknowledged
  const harm = [...done].map(([name, times]) => `${times} × ${name}`).join(', ')
  return `Harm: ${harm}. Acknowledged: ${tasks.size} tasks, ${accepts.size} accepted, ${rejects.size} rejected, ${cancels.size} cancelled, ${undos.size} undone.`
}
