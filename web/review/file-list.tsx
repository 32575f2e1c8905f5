// The files of a candidate with how far each is decided, its risks, and its size.
import type { FileDiff } from '@seatrial/protocol/diff'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type Ref, useEffect, useMemo, useRef, useState } from 'react'
import { visible } from '../parts/visible.ts'
import { type Draft, stopsOf } from './draft.ts'
import { deservesALook, type HunkNote } from './safe.ts'

interface FileListProps {
  search: Ref<HTMLInputElement>
  /** On a phone the list lies over the diff, when asked for. */
  shown: boolean
  files: readonly FileDiff[]
  draft: Draft
  notes: ReadonlyMap<string, HunkNote>
  current: string | undefined
  open(path: string): void
}

const split = (path: string) => {
  const cut = path.lastIndexOf('/')
  return [path.slice(0, cut + 1), path.slice(cut + 1)] as const
}

export function FileList({ search, shown, files: all, draft, notes, current, open }: FileListProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const [words, setWords] = useState('')
  const files = useMemo(() => {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
    return wanted.length === 0
      ? all
      : all.filter(({ path }) => wanted.every((word) => path.toLowerCase().includes(word)))
  }, [all, words])
  const rows = useVirtualizer({
    count: files.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 40,
    overscan: 8,
  })
  const at = files.findIndex(({ path }) => path === current)
  useEffect(() => {
    // The first is on screen already; looking for it would force a layout of the whole page.
    if (at > 0) rows.scrollToIndex(at)
  }, [at, rows])
  return (
    <nav
      aria-label="Files"
      className={`flex w-60 shrink-0 flex-col border-r border-line bg-panel max-md:absolute max-md:inset-0 max-md:z-10 max-md:w-full ${shown ? '' : 'max-md:hidden'}`}
    >
      <input
        ref={search}
        type="search"
        aria-label="Find a file"
        placeholder="Find a file  /"
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setWords('')
          else if (event.key === 'Enter' && files[0]) open(files[0].path)
          else return
          event.preventDefault()
          event.currentTarget.blur()
        }}
        className="m-2 shrink-0 rounded border border-line bg-sunk px-2 py-1 text-xs text-ink"
      />
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
        {files.length === 0 && <p className="px-3 py-2 text-xs text-ink-faint">No file has these words.</p>}
        <ul className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => {
            const file = files[item.index]!
            const stops = stopsOf([file])
            const decided = stops.filter(({ id }) => draft.choices[id]).length
            const look = stops.some(({ id }) => !draft.choices[id] && deservesALook(notes.get(id), file))
            const [folder, name] = split(file.path)
            const sign = decided === stops.length ? '✓' : decided > 0 ? '◐' : '○'
            return (
              <li
                key={file.path}
                className="absolute inset-x-0 top-0"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <button
                  type="button"
                  onClick={() => open(file.path)}
                  aria-current={file.path === current ? 'true' : undefined}
                  title={visible(file.path)}
                  className={`flex h-10 w-full items-center gap-2 border-l-2 px-2.5 text-left ${
                    file.path === current ? 'border-l-accent bg-accent-wash' : 'border-l-transparent hover:bg-sunk'
                  }`}
                >
                  <span className={decided === stops.length ? 'text-ship' : 'text-ink-faint'} aria-hidden="true">
                    {sign}
                  </span>
                  <span className="min-w-0 flex-1">
                    <span className="block truncate text-xs font-medium text-ink">
                      {visible(name)}
                      {file.sensitive && <span className="ml-1.5 text-2xs font-semibold text-warn">SENSITIVE</span>}
                      {look && !file.sensitive && <span className="ml-1.5 text-2xs font-semibold text-warn">LOOK</span>}
                    </span>
                    <span className="block truncate text-2xs text-ink-faint">{visible(folder) || ' '}</span>
                  </span>
                  <span className="tabular text-right text-2xs text-ink-faint">
                    {decided}/{stops.length}
                    <span className="block font-mono">
                      <span className="text-ship">+{file.added}</span>{' '}
                      <span className="text-skip">−{file.removed}</span>
                    </span>
                  </span>
                </button>
              </li>
            )
          })}
        </ul>
      </div>
    </nav>
  )
}
