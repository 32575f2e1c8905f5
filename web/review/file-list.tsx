// The files of a candidate with how far each is decided, its risks, and its size.
import type { FileDiff } from '@seatrial/protocol/diff'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { visible } from '../parts/visible.ts'
import { type Draft, stopsOf } from './draft.ts'
import type { HunkNote } from './safe.ts'

interface FileListProps {
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

export function FileList({ files, draft, notes, current, open }: FileListProps) {
  const scroller = useRef<HTMLElement>(null)
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
      ref={scroller}
      aria-label="Files"
      className="hidden w-60 shrink-0 overflow-y-auto border-r border-line bg-panel md:block"
    >
      <ul className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const file = files[item.index]!
          const stops = stopsOf([file])
          const decided = stops.filter(({ id }) => draft.choices[id]).length
          const risky = stops.some(({ id }) => notes.get(id)?.risk === 'high')
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
                    {risky && !file.sensitive && <span className="ml-1.5 text-2xs font-semibold text-skip">RISK</span>}
                  </span>
                  <span className="block truncate text-2xs text-ink-faint">{visible(folder) || ' '}</span>
                </span>
                <span className="tabular text-right text-2xs text-ink-faint">
                  {decided}/{stops.length}
                  <span className="block font-mono">
                    <span className="text-ship">+{file.added}</span> <span className="text-skip">−{file.removed}</span>
                  </span>
                </span>
              </button>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
