// The list of tasks: only the rows on screen exist, whatever its length.
import type { TaskView } from '@seatrial/protocol/api'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { Row } from './row.tsx'

interface ListProps {
  tasks: readonly TaskView[]
  at: number
  choose(index: number): void
  open(index: number): void
  more?: (() => void) | undefined
}

const rowHeight = 56

export function List({ tasks, at, choose, open, more }: ListProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
  })
  useEffect(() => {
    if (at > 0) rows.scrollToIndex(at)
  }, [at, rows])
  const items = rows.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (more && tasks.length > 0 && last >= tasks.length - 10) more()
  }, [more, last, tasks.length])
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
      <div
        role="listbox"
        aria-label="Tasks"
        tabIndex={0}
        aria-activedescendant={tasks[at] && `row-${tasks[at].id}`}
        className="relative -outline-offset-2"
        style={{ height: rows.getTotalSize() }}
      >
        {items.map((item) => {
          const task = tasks[item.index]!
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: j, k and Enter work on the whole screen.
            <div
              key={task.id}
              id={`row-${task.id}`}
              role="option"
              tabIndex={-1}
              aria-selected={item.index === at}
              onClick={() =>
                item.index === at || matchMedia('(width < 64rem)').matches ? open(item.index) : choose(item.index)
              }
              className="absolute inset-x-0 top-0 cursor-default hover:bg-sunk"
              style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
            >
              <Row task={task} current={item.index === at} />
            </div>
          )
        })}
      </div>
    </div>
  )
}
