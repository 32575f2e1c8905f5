// Where one is in a review, and how one gets elsewhere: by hunk, by file, by line, and into what lies around a hunk.
import type { Diff } from '@seatrial/protocol/diff'
import { type RefObject, useCallback, useMemo, useState } from 'react'
import { say } from '../app/toast.tsx'
import { useCursor } from '../parts/use-cursor.ts'
import { isChange, type Stop, stopsOf } from './draft.ts'
import { linesIn, placesOf, startOf } from './places.ts'
import type { Around, Lines, ReviewDiffHandle } from './review-diff.tsx'

export interface PlaceInDiff {
  stops: readonly Stop[]
  stopById: ReadonlyMap<string, Stop>
  at: number
  stop: Stop | undefined
  /** Files that are folded. */
  collapsed: ReadonlySet<string>
  selected: Lines | null
  /** Indices of the selected lines in the hunk with this id, if the selection is there. */
  selectedIn(id: string): readonly number[] | null
  select(lines: Lines | null): void
  goTo(index: number): void
  go(id: string): void
  /** Goes to the hunk at or after a line of the new side. */
  jump(path: string, line: number | null): void
  /** Goes to the first wanted hunk after `from` (the current one), around the end; false when there is none. */
  goNext(wanted: (stop: Stop) => boolean, from?: string): boolean
  goFile(path: string): void
  stepFile(step: number): void
  stepLine(step: number, extend: boolean): void
  toggle(path: string): void
  unfold(around: Around): void
}

export function usePlace(diff: Diff, view: RefObject<ReviewDiffHandle | null>): PlaceInDiff {
  const [selected, setSelected] = useState<Lines | null>(null)
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set())
  const stops = useMemo(() => stopsOf(diff.files), [diff])
  const stopById = useMemo(() => new Map(stops.map((stop) => [stop.id, stop])), [stops])
  const fileByPath = useMemo(() => new Map(diff.files.map((file) => [file.path, file])), [diff])
  const [at, move] = useCursor(useMemo(() => stops.map(({ id }) => id), [stops]))
  const stop = stops[at]
  const collapsed = useMemo(
    () =>
      new Set(
        diff.files.filter((file) => (file.collapsed || file.binary) !== toggled.has(file.path)).map(({ path }) => path),
      ),
    [diff, toggled],
  )
  const covered = useMemo(() => selected && linesIn(fileByPath.get(selected.path)!, selected), [selected, fileByPath])
  const selectedIn = (id: string) => (covered?.hunk.id === id ? covered.indices : null)
  const toggle = useCallback((path: string) => {
    setToggled((before) => {
      const next = new Set(before)
      if (!next.delete(path)) next.add(path)
      return next
    })
  }, [])

  const goTo = (index: number) => {
    const next = Math.max(0, Math.min(index, stops.length - 1))
    const target = stops[next]
    if (!target) return
    move(next)
    setSelected(null)
    if (!target.hunk || collapsed.has(target.path)) return view.current?.showFile(target.path)
    const start = startOf(target.hunk)
    view.current?.show(target.path, start.side, start.line)
  }
  const go = (id: string) => goTo(stops.findIndex((one) => one.id === id))
  const goFile = (path: string) => goTo(stops.findIndex((one) => one.path === path))

  return {
    stops,
    stopById,
    at,
    stop,
    collapsed,
    selected,
    selectedIn,
    goTo,
    go,
    goFile,
    toggle,
    select(lines) {
      setSelected(lines)
      const found = lines && linesIn(fileByPath.get(lines.path)!, lines)
      if (found) move(stops.findIndex(({ id }) => id === found.hunk.id))
    },
    jump(path, line) {
      const hunks = stops.filter((one) => one.path === path)
      const near = hunks.find(({ hunk }) => hunk && line !== null && line < hunk.newStart + Math.max(hunk.newLines, 1))
      const found = near ?? hunks.at(line === null ? 0 : -1)
      if (found) go(found.id)
      else say('This place is not part of the change.')
    },
    goNext(wanted, from) {
      const start = from === undefined ? at : stops.findIndex(({ id }) => id === from)
      const found = [...stops.slice(start + 1), ...stops.slice(0, start)].find(wanted)
      if (found) go(found.id)
      return found !== undefined
    },
    stepFile(step) {
      const paths = diff.files.map(({ path }) => path)
      const path = paths[Math.max(0, Math.min(paths.indexOf(stop?.path ?? '') + step, paths.length - 1))]
      if (path !== undefined) goFile(path)
    },
    stepLine(step, extend) {
      if (!stop?.hunk) return
      const places = placesOf(stop.hunk)
      const inside = selected && selectedIn(stop.id)
      const from = inside
        ? places.findIndex((place) => place?.side === selected.end.side && place.line === selected.end.line)
        : -1
      const target =
        from < 0 ? stop.hunk.lines.findIndex(isChange) : Math.max(0, Math.min(from + step, places.length - 1))
      const end = places[target]
      if (end) setSelected({ path: stop.path, start: extend && selected ? selected.start : end, end })
    },
    unfold(around) {
      if (!stop?.hunk) return
      if (collapsed.has(stop.path)) toggle(stop.path)
      else view.current?.unfold(stop.path, stop.number - 1, around)
    },
  }
}
