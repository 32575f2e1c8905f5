// Accept: says what lands where, names sensitive files, and applies. Nothing lands without this step.
import type { TaskView } from '@seatrial/protocol/api'
import type { ApplyResult, Decision, Edit, Pick } from '@seatrial/protocol/decision'
import type { Trial } from '@seatrial/protocol/task'
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { say } from '../app/toast.tsx'
import { act, undoDecision } from '../data/act.ts'
import { client } from '../data/client.ts'
import { diffQuery } from '../data/queries.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { plural } from '../parts/format.ts'
import { visible } from '../parts/visible.ts'

interface AcceptDialogProps {
  task: TaskView
  trial: Trial
  /** Everything when left out. */
  pick?: Pick
  edits?: Edit[]
  close(): void
  done?(): void
}

const targets = [
  { kind: 'checkout', title: 'Your checkout', help: 'Merged into the files as they are now; undo brings them back.' },
  { kind: 'branch', title: 'A branch', help: 'Your checkout stays as it is.' },
  { kind: 'commit', title: 'A commit', help: 'Committed on the branch that is checked out.' },
] as const

/** Paths that a pick takes, of those that ask for an explicit yes. */
export function sensitivePaths(
  files: readonly { path: string; sensitive: boolean; hunks: readonly { id: string }[] }[],
  pick: Pick,
): string[] {
  const taken = (file: (typeof files)[number]) =>
    pick.kind === 'all' ||
    (pick.files ?? []).includes(file.path) ||
    file.hunks.some(({ id }) => (pick.hunks ?? []).includes(id))
  return files.filter((file) => file.sensitive && taken(file)).map(({ path }) => path)
}

/** What the house did, in one sentence. */
function landed({ state, result }: Decision): string {
  if (state !== 'applied' || !result) return 'Accepted; it is being applied.'
  const where = result.branch ? ` on ${result.branch}` : result.commit ? ` as ${result.commit.slice(0, 7)}` : ''
  return result.outcome === 'nothing'
    ? 'Nothing to apply: it is there already.'
    : `Applied ${plural(result.files.length, 'file')}${where}.`
}

export function AcceptDialog({ task, trial, pick = { kind: 'all' }, edits = [], close, done }: AcceptDialogProps) {
  const diff = useQuery(diffQuery(task.id, trial.id))
  const [target, setTarget] = useState<(typeof targets)[number]['kind']>('checkout')
  const [branch, setBranch] = useState(false)
  const [allowed, setAllowed] = useState(false)
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [conflicts, setConflicts] = useState<ApplyResult['conflicts'] | null>(null)
  const id = useId()
  const sensitive = sensitivePaths(diff.data?.files ?? [], pick)
  const blocked = busy || (sensitive.length > 0 && !allowed)
  const what =
    pick.kind === 'all'
      ? 'the whole candidate'
      : [
          (pick.hunks ?? []).length > 0 ? plural((pick.hunks ?? []).length, 'hunk') : '',
          (pick.files ?? []).length > 0 ? plural((pick.files ?? []).length, 'whole file') : '',
        ]
          .filter(Boolean)
          .join(' and ')

  const accept = async () => {
    if (blocked) return
    setBusy(true)
    const decision = await act(
      client.accept({
        params: { id: task.id },
        body: {
          trialId: trial.id,
          pick,
          edits,
          target: { kind: target },
          allowSensitive: allowed,
          onConflict: branch ? 'branch' : 'refuse',
          reason,
        },
      }),
    )
    setBusy(false)
    if (!decision) return
    if (decision.state === 'conflict') return setConflicts(decision.result?.conflicts ?? [])
    say(landed(decision), decision.state === 'applied' ? { undo: () => undoDecision(decision.id) } : {})
    close()
    done?.()
  }

  return (
    <Dialog
      open
      close={close}
      title="Accept"
      actions={[{ id: 'go', title: 'Accept', group: 'Accept', keys: ['mod+Enter'], run: () => void accept() }]}
    >
      <form
        className="flex flex-col gap-3 overflow-y-auto p-4"
        onSubmit={(event) => {
          event.preventDefault()
          void accept()
        }}
      >
        <p>
          Take <strong>{what}</strong> of <span className="font-mono text-xs">{trial.contender}</span> for “
          {visible(task.title)}”{edits.length > 0 && <>, with your edits to {plural(edits.length, 'file')}</>}.
        </p>
        <fieldset className="flex flex-col gap-1.5">
          <legend className="mb-1 font-medium">Where to</legend>
          {targets.map(({ kind, title, help }, index) => (
            <label key={kind} className="flex items-start gap-2">
              <input
                type="radio"
                name={`${id}-target`}
                checked={target === kind}
                onChange={() => setTarget(kind)}
                autoFocus={index === 0}
                className="mt-1 accent-accent"
              />
              <span>
                {title} <span className="block text-xs text-ink-faint">{help}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <label className="flex items-start gap-2">
          <input
            type="checkbox"
            checked={branch}
            onChange={(event) => setBranch(event.target.checked)}
            className="mt-1 accent-accent"
          />
          <span>
            Where lines collide, write it to branch <code className="font-mono text-xs">seatrial/{task.id}</code>{' '}
            instead of refusing
          </span>
        </label>
        {sensitive.length > 0 && (
          <div className="rounded border border-warn bg-warn-wash p-3">
            <p className="font-medium text-warn">These files can run commands on your machine or in CI:</p>
            <ul className="my-1.5 list-inside list-disc font-mono text-xs">
              {sensitive.map((path) => (
                <li key={path}>{visible(path)}</li>
              ))}
            </ul>
            <label className="flex items-center gap-2">
              <input
                type="checkbox"
                checked={allowed}
                onChange={(event) => setAllowed(event.target.checked)}
                className="accent-accent"
              />
              I have read them; take them too
            </label>
          </div>
        )}
        <label className="flex flex-col gap-1">
          <span className="text-xs text-ink-faint">Why, if it is worth remembering</span>
          <input
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            className="rounded border border-line-strong bg-panel px-2 py-1 text-ink"
          />
        </label>
        {conflicts && (
          <div role="alert" className="rounded border border-skip bg-skip-wash p-3">
            <p className="font-medium text-skip">Your checkout has changed these lines too, so nothing was written:</p>
            <ul className="mt-1 text-xs">
              {conflicts.map((conflict) => (
                <li key={conflict.path}>
                  <span className="font-mono">{visible(conflict.path)}</span> {visible(conflict.sentence)}
                </li>
              ))}
            </ul>
          </div>
        )}
        <div className="flex justify-end gap-2 pt-1">
          <Button onClick={close} keys="Escape">
            Cancel
          </Button>
          <Button type="submit" tone="primary" keys="Enter" disabled={blocked}>
            Accept
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
