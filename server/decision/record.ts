// The undo record: what was there before and after, byte for byte, kept in the user's repository under refs/seatrial/.
import { ApplyResult } from '@seatrial/protocol'
import type { Checkout } from '../workspace/checkout.ts'
import { requireSpace } from '../workspace/disk-space.ts'
import { line, quotePath, records } from '../workspace/git.ts'
import type { OnDisk } from './disk.ts'

/** One path of the checkout that an apply changes; bytes as characters. */
export interface Step {
  path: string
  before: OnDisk
  after: OnDisk
}

/** What is needed to finish an apply after a crash, or to take it back. */
export interface Plan {
  decisionId: string
  steps: Step[]
  /** Set for targets other than the checkout alone. */
  branch: string | null
  commit: string | null
  /** Where HEAD was, for a commit on the current branch. */
  headBefore: string | null
  result: ApplyResult
}

const refOf = (kind: 'undo' | 'done' | 'undone', decisionId: string): string => `refs/seatrial/${kind}/${decisionId}`
export const undoRef = (decisionId: string): string => refOf('undo', decisionId)

async function hashOf(checkout: Checkout, ref: string): Promise<string | null> {
  const found = await checkout.git(['rev-parse', '--verify', '-q', ref], { codes: [1] })
  return found.code === 0 ? line(found) : null
}

const modeOf = (side: OnDisk): string => (side.kind === 'link' ? '120000' : '100644')

/** Writes the plan before the first file is touched. */
export async function savePlan(checkout: Checkout, plan: Plan): Promise<void> {
  const parts: (string | Uint8Array)[] = [
    `feature done\ncommit ${undoRef(plan.decisionId)}\ncommitter Seatrial <house@seatrial.invalid> 0 +0000\n`,
    'data 11\nUndo record\n',
  ]
  const add = (name: string, mode: string, content: Uint8Array): void => {
    parts.push(`M ${mode} inline ${quotePath(name)}\ndata ${content.length}\n`, content, '\n')
  }
  const steps = plan.steps.map(({ path, before, after }, number) => {
    const side = (name: string, disk: OnDisk) => {
      if (disk.kind === 'file') add(`${number}/${name}`, '100644', disk.content)
      if (disk.kind === 'link') add(`${number}/${name}`, '100644', disk.target)
      return { kind: disk.kind, mode: disk.kind === 'file' ? disk.mode : Number.parseInt(modeOf(disk), 8) }
    }
    return {
      path: Buffer.from(path, 'latin1').toString('base64'),
      before: side('before', before),
      after: side('after', after),
    }
  })
  add('plan.json', '100644', Buffer.from(JSON.stringify({ ...plan, steps })))
  parts.push('done\n')
  const input = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))
  await requireSpace(checkout.gitDir, input.length)
  await checkout.git(['fast-import', '--quiet', '--force', '--date-format=raw'], { input })
}

interface SavedSide {
  kind: OnDisk['kind']
  mode: number
}

/** The plan of a decision that was begun, or null. */
export async function readPlan(checkout: Checkout, decisionId: string): Promise<Plan | null> {
  const commit = await hashOf(checkout, undoRef(decisionId))
  if (!commit) return null
  const listed = await checkout.git(['ls-tree', '-r', '-z', commit])
  const shas = new Map(
    records(listed.out, 'latin1').map((record) => [
      record.slice(record.indexOf('\t') + 1),
      record.split(/[ \t]/)[2] as string,
    ]),
  )
  const blob = async (name: string): Promise<Buffer> =>
    (await checkout.git(['cat-file', 'blob', shas.get(name) as string])).out
  const saved = JSON.parse((await blob('plan.json')).toString('utf8'))
  const side = async (name: string, { kind, mode }: SavedSide): Promise<OnDisk> => {
    if (kind === 'file') return { kind, content: await blob(name), mode, stamp: '' }
    if (kind === 'link') return { kind, target: await blob(name), stamp: '' }
    return { kind: 'gone' }
  }
  const steps: Step[] = []
  for (const [number, step] of saved.steps.entries()) {
    steps.push({
      path: Buffer.from(step.path, 'base64').toString('latin1'),
      before: await side(`${number}/before`, step.before),
      after: await side(`${number}/after`, step.after),
    })
  }
  return { ...saved, steps }
}

/** Forgets a plan that was begun and taken back. */
export async function dropPlan(checkout: Checkout, decisionId: string): Promise<void> {
  await checkout.git(['update-ref', '-d', undoRef(decisionId)])
}

/** Marks a decision as carried out, with its result. */
export async function saveDone(checkout: Checkout, decisionId: string, result: ApplyResult): Promise<void> {
  const text = Buffer.from(JSON.stringify(result))
  const sha = line(await checkout.git(['hash-object', '-w', '--stdin'], { input: text }))
  await checkout.git(['update-ref', refOf('done', decisionId), sha])
}

/** The result of a decision that was carried out before, or null. */
export async function readDone(checkout: Checkout, decisionId: string): Promise<ApplyResult | null> {
  const sha = await hashOf(checkout, refOf('done', decisionId))
  if (!sha) return null
  return ApplyResult.parse(JSON.parse((await checkout.git(['cat-file', 'blob', sha])).out.toString('utf8')))
}

export const wasUndone = async (checkout: Checkout, decisionId: string): Promise<boolean> =>
  (await hashOf(checkout, refOf('undone', decisionId))) !== null

/** Keeps the record under another name, so that undoing twice is undoing once. */
export async function markUndone(checkout: Checkout, decisionId: string): Promise<void> {
  const commit = await hashOf(checkout, undoRef(decisionId))
  const lines = [`update ${refOf('undone', decisionId)} ${commit}`, `delete ${undoRef(decisionId)}`]
  if (await hashOf(checkout, refOf('done', decisionId))) lines.push(`delete ${refOf('done', decisionId)}`)
  await checkout.git(['update-ref', '--stdin'], { input: `${lines.join('\n')}\n` })
}
