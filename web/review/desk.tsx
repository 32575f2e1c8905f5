// The desk: files, diff, evidence, and the keys that decide hunk by hunk and line by line.

import type { TaskView } from '@seatrial/protocol/api'
import type { Evidence } from '@seatrial/protocol/check'
import type { Diff } from '@seatrial/protocol/diff'
import type { PanelReport } from '@seatrial/protocol/review'
import type { Trial } from '@seatrial/protocol/task'
import { useNavigate } from '@tanstack/react-router'
import { Suspense, useCallback, useMemo, useRef, useState } from 'react'
import { useActions } from '../app/actions.ts'
import { say, takeUndo } from '../app/toast.tsx'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { AcceptDialog, RejectDialog, SnoozeDialog } from '../decide/lazy.ts'
import { plural } from '../parts/format.ts'
import { useCursor } from '../parts/use-cursor.ts'
import { CommentBox, CommentNote } from './comment-note.tsx'
import { type ReviewContext, ReviewProvider } from './context.ts'
import { DeskFoot } from './desk-foot.tsx'
import { DeskHead } from './desk-head.tsx'
import { type Choice, chooseLines, decisionOf, isChange, stopsOf } from './draft.ts'
import { EditDialog } from './edit-dialog.tsx'
import { EvidencePane } from './evidence.tsx'
import { FileHead } from './file-head.tsx'
import { FileList } from './file-list.tsx'
import { HunkBar } from './hunk-bar.tsx'
import { endOf, linesIn, placesOf, startOf } from './places.ts'
import { type Lines, type Note, ReviewDiff, type ReviewDiffHandle } from './review-diff.tsx'
import { type HunkNote, isSafe } from './safe.ts'
import { useDraft } from './state.ts'

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

/** What is drawn under a line. */
type Drawn = { kind: 'hunk'; id: string } | { kind: 'comment'; index: number } | { kind: 'box'; place: string }

type Open =
  | { kind: 'accept'; decision: Awaited<ReturnType<typeof decisionOf>> }
  | { kind: 'reject' }
  | { kind: 'snooze' }
  | { kind: 'edit'; id: string }

const wide = () => matchMedia('(width >= 100rem)').matches

export function Desk({ task, trial, diff, against, lastLook, evidence, panel, notes: given }: DeskProps) {
  const navigate = useNavigate()
  const view = useRef<ReviewDiffHandle>(null)
  const [open, setOpen] = useState<Open | null>(null)
  const [split, setSplit] = useState(wide)
  const [showEvidence, setShowEvidence] = useState(wide)
  const [selected, setSelected] = useState<Lines | null>(null)
  const [box, setBox] = useState<Lines | null>(null)
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set())

  const stops = useMemo(() => stopsOf(diff.files), [diff])
  const stopById = useMemo(() => new Map(stops.map((stop) => [stop.id, stop])), [stops])
  const state = useDraft(
    task.id,
    trial,
    useMemo(() => new Set(stops.map(({ id }) => id)), [stops]),
  )
  const { draft } = state
  const fileByPath = useMemo(() => new Map(diff.files.map((file) => [file.path, file])), [diff])
  const notes = useMemo(() => new Map((given ?? []).map((note) => [note.hunkId, note])), [given])
  const signals = useMemo(() => new Map((evidence?.signals ?? []).map((signal) => [signal.id, signal])), [evidence])
  const [at, move] = useCursor(useMemo(() => stops.map(({ id }) => id), [stops]))
  const stop = stops[at]

  const collapsed = useMemo(
    () =>
      new Set(
        diff.files.filter((file) => (file.collapsed || file.binary) !== toggled.has(file.path)).map(({ path }) => path),
      ),
    [diff, toggled],
  )

  const drawn = useMemo(() => {
    const map = new Map<string, Note<Drawn>[]>()
    const put = (path: string, note: Note<Drawn>) => map.set(path, [...(map.get(path) ?? []), note])
    for (const one of stops) {
      if (one.hunk) put(one.path, { ...endOf(one.hunk), key: one.id, data: { kind: 'hunk', id: one.id } })
    }
    draft.comments.forEach((comment, index) => {
      const key = `comment ${index} ${comment.text}`
      put(comment.path, { side: comment.side ?? 'new', line: comment.line ?? 0, key, data: { kind: 'comment', index } })
    })
    if (box) {
      const place = `${box.path}:${box.end.line}`
      put(box.path, { ...box.end, key: `box ${place}`, data: { kind: 'box', place } })
    }
    return map
  }, [stops, draft.comments, box])

  const goTo = (index: number) => {
    const next = Math.max(0, Math.min(index, stops.length - 1))
    const target = stops[next]
    if (!target) return
    move(next)
    setSelected(null)
    if (!target.hunk || collapsed.has(target.path)) view.current?.showFile(target.path)
    else {
      const start = startOf(target.hunk)
      view.current?.show(target.path, start.side, start.line)
    }
  }
  const go = (id: string) => goTo(stops.findIndex((one) => one.id === id))
  const jump = (path: string, line: number | null) => {
    const hunks = stops.filter((one) => one.path === path)
    const near =
      hunks.find(
        ({ hunk }) => hunk && line !== null && line >= hunk.newStart && line < hunk.newStart + hunk.newLines,
      ) ?? hunks[0]
    if (near) go(near.id)
    else say('This place is not part of the change.')
  }
  const nextOpen = (choices: typeof draft.choices, from: number) => {
    const order = [...stops.slice(from + 1), ...stops.slice(0, from)]
    const found = order.find(({ id }) => !choices[id])
    if (found) go(found.id)
  }

  const covered = selected && stop ? linesIn(fileByPath.get(selected.path)!, selected) : null
  const selectedIn = (id: string) => (covered && covered.hunk.id === id ? covered.indices : null)
  const decide = (id: string, take: boolean) => {
    const one = stopById.get(id)
    if (!one) return
    if (against) return say('Decisions are made against the base; choose it above.')
    const lines = selectedIn(id)
    const choice: Choice =
      lines && one.hunk ? chooseLines(one.hunk, draft.choices[id], lines, take) : { kind: take ? 'accept' : 'reject' }
    state.choose(id, choice)
    setSelected(null)
    if (!lines) nextOpen({ ...draft.choices, [id]: choice }, stops.indexOf(one))
  }
  const comment = (id: string) => {
    const one = stopById.get(id)
    if (!one?.hunk) return
    const end = endOf(one.hunk)
    const changed = placesOf(one.hunk)[one.hunk.lines.findLastIndex(isChange)] ?? end
    setBox(selectedIn(id) && selected ? selected : { path: one.path, start: changed, end: changed })
  }
  const saveComment = (text: string) => {
    if (!box) return
    const range =
      box.start.line === box.end.line
        ? ''
        : `(lines ${Math.min(box.start.line, box.end.line)} to ${Math.max(box.start.line, box.end.line)}) `
    state.comment({ path: box.path, line: box.end.line, side: box.end.side, text: range + text })
    setBox(null)
    setSelected(null)
  }

  const context: ReviewContext = {
    draft,
    stops: stopById,
    notes,
    signals,
    current: stop?.id ?? null,
    deciding: against === undefined,
    selected: covered?.indices.filter((index) => isChange(covered.hunk.lines[index] ?? '')).length ?? 0,
    go,
    accept: (id) => decide(id, true),
    reject: (id) => decide(id, false),
    comment,
    edit: (id) => setOpen({ kind: 'edit', id }),
    saveComment,
    closeComment: () => setBox(null),
    dropComment: state.dropComment,
  }

  const safe = against
    ? []
    : stops.filter(({ id, path }) => !draft.choices[id] && isSafe(notes.get(id), fileByPath.get(path)!))
  const decided = stops.filter(({ id }) => draft.choices[id]).length
  const apply = async () => {
    if (against) return say('Decisions are made against the base; choose it above.')
    const textOf = async (path: string) =>
      (await client.getFile({ params: { id: task.id }, query: { trial: trial.id, path } })).text
    const decision = await act(decisionOf(diff, draft, textOf))
    if (!decision) return
    const { pick } = decision
    if (pick.kind === 'some' && !pick.files?.length && !pick.hunks?.length) {
      return say('Nothing is accepted yet: a accepts the current hunk, A all that are safe.')
    }
    setOpen({ kind: 'accept', decision })
  }
  const send = async () => {
    if (draft.comments.length === 0) return say('No comments yet: c writes one on the current hunk.')
    const sent = await act(
      client.rework({ params: { id: task.id }, body: { trialId: trial.id, comments: draft.comments, text: '' } }),
      `Sent ${plural(draft.comments.length, 'comment')} as one rework.`,
    )
    if (!sent) return
    state.dropComments()
    void navigate({ to: '/tasks/$id', params: { id: task.id } })
  }
  const selectLine = (step: number, extend: boolean) => {
    if (!stop?.hunk) return
    const places = placesOf(stop.hunk)
    const lines = selectedIn(stop.id)
    const first = stop.hunk.lines.findIndex(isChange)
    const from =
      lines && covered
        ? places.findIndex((place) => place?.side === selected!.end.side && place.line === selected!.end.line)
        : -1
    const target = from < 0 ? first : Math.max(0, Math.min(from + step, places.length - 1))
    const end = places[target]
    if (end) setSelected({ path: stop.path, start: extend && selected ? selected.start : end, end })
  }
  const fileStep = (step: number) => {
    const paths = diff.files.map(({ path }) => path)
    const path = paths[Math.max(0, Math.min(paths.indexOf(stop?.path ?? '') + step, paths.length - 1))]
    goTo(stops.findIndex((one) => one.path === path))
  }
  const lineMode = selected !== null
  const onStop = (run: (id: string) => void) => () => stop && run(stop.id)
  const toggle = useCallback((path: string) => {
    setToggled((before) => {
      const next = new Set(before)
      if (!next.delete(path)) next.add(path)
      return next
    })
  }, [])

  useActions([
    {
      id: 'down',
      title: 'Next hunk, or next line while selecting',
      group: 'Move',
      keys: ['j', 'ArrowDown'],
      quiet: true,
      run: () => (lineMode ? selectLine(1, false) : goTo(at + 1)),
    },
    {
      id: 'up',
      title: 'Previous hunk, or line while selecting',
      group: 'Move',
      keys: ['k', 'ArrowUp'],
      quiet: true,
      run: () => (lineMode ? selectLine(-1, false) : goTo(at - 1)),
    },
    {
      id: 'extend-down',
      title: 'Select one line more',
      group: 'Move',
      keys: ['J', 'shift+ArrowDown'],
      quiet: true,
      run: () => selectLine(1, true),
    },
    {
      id: 'extend-up',
      title: 'Select one line less',
      group: 'Move',
      keys: ['K', 'shift+ArrowUp'],
      quiet: true,
      run: () => selectLine(-1, true),
    },
    { id: 'next-file', title: 'Next file', group: 'Move', keys: [']'], run: () => fileStep(1) },
    { id: 'previous-file', title: 'Previous file', group: 'Move', keys: ['['], run: () => fileStep(-1) },
    { id: 'lines', title: 'Select lines', group: 'Decide', keys: ['v'], run: () => selectLine(0, false) },
    {
      id: 'leave',
      title: 'Leave the selection',
      group: 'Move',
      keys: ['Escape'],
      quiet: true,
      run: () => {
        setSelected(null)
        setBox(null)
      },
    },
    {
      id: 'accept',
      title: 'Accept this hunk or the selected lines',
      group: 'Decide',
      keys: ['a'],
      run: onStop(context.accept),
    },
    {
      id: 'reject',
      title: 'Reject this hunk or the selected lines',
      group: 'Decide',
      keys: ['x'],
      run: onStop(context.reject),
    },
    { id: 'comment', title: 'Comment', group: 'Decide', keys: ['c'], run: onStop(comment) },
    {
      id: 'edit',
      title: 'Edit this hunk',
      group: 'Decide',
      keys: ['e'],
      run: onStop((id) => !against && stopById.get(id)?.hunk && context.edit(id)),
    },
    {
      id: 'accept-file',
      title: 'Accept this file',
      group: 'Decide',
      keys: ['f'],
      run: () =>
        stop &&
        state.chooseMany(
          stops.filter(({ path }) => path === stop.path).map(({ id }) => id),
          { kind: 'accept' },
        ),
    },
    {
      id: 'safe',
      title: `Accept the safe rest (${safe.length})`,
      group: 'Decide',
      keys: ['A'],
      run: () => {
        if (safe.length === 0) return say('No undecided hunk is safe: low risk, run by tests, without findings.')
        state.chooseMany(
          safe.map(({ id }) => id),
          { kind: 'accept' },
        )
        say(`Accepted ${plural(safe.length, 'safe hunk')}.`)
      },
    },
    {
      id: 'apply',
      title: 'Apply what is accepted',
      group: 'Decide',
      keys: ['Enter', 'mod+Enter'],
      run: () => void apply(),
    },
    {
      id: 'send',
      title: 'Send the comments as one rework',
      group: 'Decide',
      keys: ['shift+Enter'],
      run: () => void send(),
    },
    {
      id: 'reject-all',
      title: 'Reject the whole candidate',
      group: 'Decide',
      keys: ['X'],
      run: () => setOpen({ kind: 'reject' }),
    },
    {
      id: 'undo',
      title: 'Undo the last step',
      group: 'Decide',
      keys: ['u'],
      run: () => {
        const applied = takeUndo()
        if (applied) applied()
        else if (!state.undo()) say('Nothing to undo here.')
      },
    },
    { id: 'snooze', title: 'Snooze this task', group: 'Decide', keys: ['z'], run: () => setOpen({ kind: 'snooze' }) },
    { id: 'fold', title: 'Fold or unfold this file', group: 'View', keys: ['o'], run: () => stop && toggle(stop.path) },
    { id: 'split', title: 'One column or two', group: 'View', keys: ['d'], run: () => setSplit(!split) },
    {
      id: 'evidence',
      title: 'Show or hide the evidence',
      group: 'View',
      keys: ['i'],
      run: () => setShowEvidence(!showEvidence),
    },
    {
      id: 'timeline',
      title: 'Open the task with its timeline',
      group: 'View',
      keys: ['t'],
      run: () => void navigate({ to: '/tasks/$id', params: { id: task.id } }),
    },
    {
      id: 'compare',
      title: 'Compare the candidates',
      group: 'View',
      keys: ['w'],
      run: () => void navigate({ to: '/tasks/$id/compare', params: { id: task.id } }),
    },
  ])

  const drawNote = useCallback((data: Drawn) => {
    if (data.kind === 'hunk') return <HunkBar id={data.id} />
    if (data.kind === 'comment') return <CommentNote index={data.index} />
    return <CommentBox place={data.place} />
  }, [])
  const loadFile = useCallback(
    async (file: Diff['files'][number]) => {
      const side = async (name: 'base' | 'candidate', path: string) =>
        (await client.getFile({ params: { id: task.id }, query: { trial: trial.id, path, side: name } })).text ?? ''
      const [old, next] = await Promise.all([side('base', file.oldPath ?? file.path), side('candidate', file.path)])
      return { old, new: next }
    },
    [task.id, trial.id],
  )
  const drawHead = useCallback((file: Diff['files'][number]) => <FileHead file={file} toggle={toggle} />, [toggle])
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
        />
        <div className="relative flex min-h-0 flex-1">
          <FileList
            files={diff.files}
            draft={draft}
            notes={notes}
            current={stop?.path}
            open={(path) => goTo(stops.findIndex((one) => one.path === path))}
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
                collapsed={collapsed}
                split={split}
                selected={selected}
                onSelect={(lines) => {
                  setSelected(lines)
                  const found = lines && linesIn(fileByPath.get(lines.path)!, lines)
                  if (found) move(stops.findIndex(({ id }) => id === found.hunk.id))
                }}
              />
            ) : (
              <p className="p-6 text-ink-soft">Nothing differs between these two.</p>
            )}
          </section>
          {showEvidence && <EvidencePane evidence={evidence} panel={panel} jump={jump} />}
        </div>
        <p aria-live="polite" className="sr-only">
          {stop && `Hunk ${at + 1} of ${stops.length}: ${stop.path}, ${stop.number} of ${stop.of}`}
        </p>
        <DeskFoot
          decided={decided}
          all={stops.length}
          comments={draft.comments.length}
          safe={safe.length}
          lineMode={lineMode}
          acceptSafe={() =>
            state.chooseMany(
              safe.map(({ id }) => id),
              { kind: 'accept' },
            )
          }
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
              state.clear()
              void navigate({ to: '/' })
            }}
          />
        )}
        {open?.kind === 'reject' && (
          <RejectDialog
            task={task}
            trialId={trial.id}
            close={() => setOpen(null)}
            done={() => void navigate({ to: '/' })}
          />
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
            state.choose(edited.id, { kind: 'edit', text })
            setOpen(null)
          }}
        />
      )}
    </ReviewProvider>
  )
}
