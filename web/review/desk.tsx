// The desk: files, diff and evidence laid out around one candidate. How one moves, decides and with which keys stands in
// `use-place.ts`, `use-deciding.ts` and `desk-keys.ts`.
import type { TaskView } from '@seatrial/protocol/api'
import type { Evidence } from '@seatrial/protocol/check'
import type { Diff, FileDiff } from '@seatrial/protocol/diff'
import type { PanelReport } from '@seatrial/protocol/review'
import type { Trial } from '@seatrial/protocol/task'
import { useNavigate } from '@tanstack/react-router'
import { Suspense, useCallback, useMemo, useRef, useState } from 'react'
import { useActions } from '../app/actions.ts'
import { say } from '../app/toast.tsx'
import { client } from '../data/client.ts'
import { AcceptDialog, RejectDialog, SnoozeDialog } from '../decide/lazy.ts'
import { Asked } from './asked.tsx'
import { CommentBox, CommentNote } from './comment-note.tsx'
import { type ReviewContext, ReviewProvider } from './context.ts'
import { DeskFoot } from './desk-foot.tsx'
import { DeskHead } from './desk-head.tsx'
import { deskActions } from './desk-keys.ts'
import { isChange } from './draft.ts'
import { type Drawn, drawnUnder } from './drawn.ts'
import { EditDialog } from './edit-dialog.tsx'
import { EvidencePane } from './evidence.tsx'
import { FileHead } from './file-head.tsx'
import { FileList } from './file-list.tsx'
import { HunkBar } from './hunk-bar.tsx'
import { ReviewDiff, type ReviewDiffHandle } from './review-diff.tsx'
import { deservesALook, type HunkNote } from './safe.ts'
import { sidesOf } from './sides.ts'
import { type Decision, useDeciding } from './use-deciding.ts'
import { usePlace } from './use-place.ts'

interface DeskProps {
  task: TaskView
  trial: Trial
  diff: Diff
  against: string | undefined
  lastLook: string | null
  evidence: Evidence | undefined
  panel: PanelReport | undefined
  notes: HunkNote[] | undefined
}

type Open = { kind: 'accept'; decision: Decision } | { kind: 'reject' | 'snooze' } | { kind: 'edit'; id: string }

const wide = () => matchMedia('(width >= 100rem)').matches

/** Both sides of a file, to unfold what lies between its hunks. */
function useLoadFile(taskId: string, trialId: string, against: string | undefined) {
  return useCallback(
    async (file: FileDiff) => {
      const text = async (query: { trial: string; path: string; side: 'base' | 'candidate' }) =>
        (await client.getFile({ params: { id: taskId }, query })).text ?? ''
      const sides = sidesOf(file, trialId, against)
      const [old, next] = await Promise.all([text(sides.old), text(sides.new)])
      return { old, new: next }
    },
    [taskId, trialId, against],
  )
}

export function Desk({ task, trial, diff, against, lastLook, evidence, panel, notes: given }: DeskProps) {
  const navigate = useNavigate()
  const view = useRef<ReviewDiffHandle>(null)
  const search = useRef<HTMLInputElement>(null)
  const [open, setOpen] = useState<Open | null>(null)
  const [split, setSplit] = useState(wide)
  const [showEvidence, setShowEvidence] = useState(wide)
  const [showAsked, setShowAsked] = useState(false)
  const [showFiles, setShowFiles] = useState(false)
  const notes = useMemo(() => new Map((given ?? []).map((note) => [note.hunkId, note])), [given])
  const signals = useMemo(() => new Map((evidence?.signals ?? []).map((signal) => [signal.id, signal])), [evidence])
  const fileByPath = useMemo(() => new Map(diff.files.map((file) => [file.path, file])), [diff])
  const place = usePlace(diff, view)
  const deciding = useDeciding({ task, trial, diff, against, notes, place })
  const { stop, stops, stopById } = place
  const { draft, box } = deciding
  const loadFile = useLoadFile(task.id, trial.id, against)

  const edit = (id: string) => deciding.editable(id) && setOpen({ kind: 'edit', id })
  const apply = async () => {
    const decision = await deciding.decision()
    if (decision) setOpen({ kind: 'accept', decision })
  }
  const toTask = () => void navigate({ to: '/tasks/$id', params: { id: task.id } })
  const send = async () => {
    if (await deciding.send()) toTask()
  }
  const toInbox = () => void navigate({ to: '/' })
  useActions(
    deskActions(place, deciding, {
      edit,
      apply: () => void apply(),
      send: () => void send(),
      openReject: () => setOpen({ kind: 'reject' }),
      openSnooze: () => setOpen({ kind: 'snooze' }),
      toggleSplit: () => setSplit(!split),
      toggleEvidence: () => setShowEvidence(!showEvidence),
      toggleRequest: () => setShowAsked(!showAsked),
      findFile: () => search.current?.focus(),
      toTask,
      toCompare: () => void navigate({ to: '/tasks/$id/compare', params: { id: task.id } }),
      goOpen: () => place.goNext(({ id }) => !draft.choices[id]) || say('Every other hunk is decided.'),
      goLook: () =>
        place.goNext(({ id, path }) => !draft.choices[id] && deservesALook(notes.get(id), fileByPath.get(path)!)) ||
        say('No other undecided hunk is risky, uncovered or under remark.'),
    }),
  )

  const context: ReviewContext = {
    draft,
    stops: stopById,
    notes,
    signals,
    current: stop?.id ?? null,
    deciding: against === undefined,
    selected: stop?.hunk
      ? (place.selectedIn(stop.id) ?? []).filter((index) => isChange(stop.hunk?.lines[index] ?? '')).length
      : 0,
    accept: deciding.accept,
    reject: deciding.reject,
    comment: deciding.openComment,
    edit,
    saveComment: deciding.saveComment,
    closeComment: deciding.closeComment,
    dropComment: deciding.dropComment,
  }
  const drawn = useMemo(() => drawnUnder(stops, draft.comments, box), [stops, draft.comments, box])
  const drawNote = useCallback((data: Drawn) => {
    if (data.kind === 'hunk') return <HunkBar id={data.id} />
    if (data.kind === 'comment') return <CommentNote index={data.index} />
    return <CommentBox place={data.place} />
  }, [])
  const { toggle } = place
  const drawHead = useCallback((file: FileDiff) => <FileHead file={file} toggle={toggle} />, [toggle])
  const edited = open?.kind === 'edit' ? stopById.get(open.id) : undefined

  return (
    <ReviewProvider value={context}>
      <main className="flex min-h-0 flex-1 flex-col">
        <DeskHead
          task={task}
          trial={trial}
          against={against}
          lastLook={lastLook}
          evidence={evidence}
          panel={panel}
          showEvidence={showEvidence}
          toggleEvidence={() => setShowEvidence(!showEvidence)}
          files={diff.files.length}
          showFiles={showFiles}
          toggleFiles={() => setShowFiles(!showFiles)}
          showAsked={showAsked}
          toggleAsked={() => setShowAsked(!showAsked)}
        />
        {showAsked && <Asked task={task} trial={trial} />}
        <div className="relative flex min-h-0 flex-1">
          <FileList
            search={search}
            shown={showFiles}
            files={diff.files}
            draft={draft}
            notes={notes}
            current={stop?.path}
            open={(path) => {
              setShowFiles(false)
              place.goFile(path)
            }}
          />
          <section aria-label="Changes" className="min-w-0 flex-1 bg-panel">
            {diff.files.length > 0 ? (
              <ReviewDiff
                handle={view}
                loadFile={loadFile}
                diff={diff}
                notes={drawn}
                drawNote={drawNote}
                drawHead={drawHead}
                collapsed={place.collapsed}
                split={split}
                selected={place.selected}
                onSelect={place.select}
              />
            ) : (
              <p className="p-6 text-ink-soft">Nothing differs between these two.</p>
            )}
          </section>
          {showEvidence && <EvidencePane evidence={evidence} panel={panel} jump={place.jump} />}
        </div>
        <p aria-live="polite" className="sr-only">
          {stop && `Hunk ${place.at + 1} of ${stops.length}: ${stop.path}, ${stop.number} of ${stop.of}`}
        </p>
        <DeskFoot
          decided={stops.length - deciding.undecided.length}
          all={stops.length}
          comments={draft.comments.length}
          safe={deciding.safe.length}
          lineMode={place.selected !== null}
          acceptSafe={deciding.acceptSafe}
          send={() => void send()}
          apply={() => void apply()}
        />
      </main>
      <Suspense>
        {open?.kind === 'accept' && (
          <AcceptDialog
            task={task}
            trial={trial}
            pick={open.decision.pick}
            edits={open.decision.edits}
            close={() => setOpen(null)}
            done={() => {
              deciding.clear()
              toInbox()
            }}
          />
        )}
        {open?.kind === 'reject' && (
          <RejectDialog task={task} trialId={trial.id} close={() => setOpen(null)} done={toInbox} />
        )}
        {open?.kind === 'snooze' && <SnoozeDialog task={task} close={() => setOpen(null)} />}
      </Suspense>
      {edited?.hunk && (
        <EditDialog
          path={edited.path}
          hunk={edited.hunk}
          choice={draft.choices[edited.id]}
          close={() => setOpen(null)}
          save={(text) => {
            deciding.edit(edited.id, text)
            setOpen(null)
          }}
        />
      )}
    </ReviewProvider>
  )
}
