// <ReviewDiff>: the one wrapper of the diff view. Patches come from the house; colours are computed in workers.

import type {
  CodeViewDiffItem,
  CodeViewItem,
  DiffLineAnnotation,
  FileDiffMetadata,
  SelectedLineRange,
} from '@pierre/diffs'
import { CodeView, type CodeViewHandle, WorkerPoolContext } from '@pierre/diffs/react'
import type { Diff, FileDiff } from '@seatrial/protocol/diff'
import {
  type ReactNode,
  type Ref,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import { shownTheme, watchTheme } from '../app/theme.ts'
import { visible } from '../parts/visible.ts'
import { ColourPool, engine, themes, words } from './colour-pool.ts'
import { toFileDiff } from './to-file-diff.ts'

export type Side = 'old' | 'new'

/** Something drawn under a line. Two with one `key` and `version` are the same. */
export interface Note<T> {
  side: Side
  line: number
  key: string
  data: T
}

export interface Lines {
  path: string
  start: { side: Side; line: number }
  end: { side: Side; line: number }
}

/** Which unchanged lines to show: those next to a hunk, or all up to the hunks around it. */
export type Around = 'above' | 'below' | 'all'

export interface ReviewDiffHandle {
  show(path: string, side: Side, line: number): void
  showFile(path: string): void
  /** `hunk` counts from 0 in its file. */
  unfold(path: string, hunk: number, around: Around): void
}

interface ReviewDiffProps<T> {
  diff: Diff
  notes: ReadonlyMap<string, readonly Note<T>[]>
  drawNote(data: T): ReactNode
  drawHead(file: FileDiff): ReactNode
  collapsed: ReadonlySet<string>
  split: boolean
  selected: Lines | null
  onSelect(lines: Lines | null): void
  /** Both sides of a file in full, to unfold what lies between the hunks. */
  loadFile(file: FileDiff): Promise<{ old: string; new: string }>
  handle: Ref<ReviewDiffHandle>
}

const headHeight = 36

/** Starts the colour workers; wrapped around a screen, they are warm before the diff has arrived. */
export function DiffWorkers({ children }: { children: ReactNode }) {
  const [pool] = useState(() => new ColourPool())
  useEffect(() => {
    // What fails here is told when the diff is drawn.
    void pool.initialize().catch(() => {})
    return () => pool.terminate()
  }, [pool])
  return <WorkerPoolContext.Provider value={pool}>{children}</WorkerPoolContext.Provider>
}

const sides = { old: 'deletions', new: 'additions' } as const
const sideOf = (side: 'deletions' | 'additions' | undefined): Side => (side === 'deletions' ? 'old' : 'new')

// Inside the view's shadow root: our fonts, quieter grounds, and enough contrast on changed words.
const css = `
:host { --diffs-font-family: "JetBrains Mono", ui-monospace, monospace; --diffs-header-font-family: Inter, sans-serif;
  --diffs-font-size: 12px; font-variant-ligatures: none; --diffs-bg: var(--panel); --diffs-bg-context-override: var(--panel); --diffs-bg-context-gutter-override: var(--panel);
  --diffs-bg-separator-override: var(--sunk); --diffs-fg-number-override: var(--ink-faint);
  --diffs-fg-number-addition-override: var(--ink-soft); --diffs-fg-number-deletion-override: var(--ink-soft);
  --diffs-annotation-bg: var(--panel); }
[data-line-annotation], [data-gutter-buffer=annotation] { --diffs-annotation-bg: var(--panel) !important; }
[data-no-newline] span { opacity: 1; }
:host { --diffs-bg-addition-emphasis-override: light-dark(rgb(from var(--diffs-addition-base) r g b / .12), rgb(from var(--diffs-addition-base) r g b / .06));
  --diffs-bg-deletion-emphasis-override: light-dark(rgb(from var(--diffs-deletion-base) r g b / .12), rgb(from var(--diffs-deletion-base) r g b / .1)); }
[data-line-type=change-addition] [data-diff-span] { box-shadow: inset 0 -1px rgb(from var(--diffs-addition-base) r g b / var(--word-line)); }
[data-line-type=change-deletion] [data-diff-span] { box-shadow: inset 0 -1px rgb(from var(--diffs-deletion-base) r g b / var(--word-line)); }
[data-background] :is([data-line], [data-no-newline]) { --mix-light: 93%; --mix-dark: 91%; }
`

const everything = 1_000_000
/** Gaps between hunks, each with the end to grow and by how much (the usual, or all). Gap n lies before hunk n. */
const gaps: Record<Around, (hunk: number) => [gap: number, end: 'up' | 'down', lines?: number][]> = {
  above: (hunk) => [[hunk, 'down']],
  below: (hunk) => [[hunk + 1, 'up']],
  all: (hunk) => [
    [hunk, 'down', everything],
    [hunk + 1, 'up', everything],
  ],
}

/** The view's unfold buttons come without a name. */
function nameButtons(node: HTMLElement): void {
  for (const button of node.shadowRoot?.querySelectorAll('[data-expand-button]:not([aria-label])') ?? []) {
    const where = button.hasAttribute('data-expand-up')
      ? 'above'
      : button.hasAttribute('data-expand-down')
        ? 'below'
        : 'between'
    button.setAttribute('aria-label', `Show unchanged lines ${where}`)
  }
}

/** Files drawn before the first paint: enough rows to fill a tall screen. The rest follows in slices. */
const firstRows = 400
const sliceMs = 12

/**
 * Draws the files in order, a slice at a time, so that no diff holds up the page however large it is. What was drawn is
 * kept for as long as the diff is the same.
 */
function useDrawn(diff: Diff): ReadonlyMap<string, FileDiffMetadata> {
  const [state, setState] = useState<{ diff: Diff; drawn: ReadonlyMap<string, FileDiffMetadata> } | null>(null)
  const first = useMemo(() => {
    const drawn = new Map<string, FileDiffMetadata>()
    for (let rows = 0, at = 0; rows < firstRows && at < diff.files.length; at++) {
      const file = diff.files[at]!
      drawn.set(file.path, toFileDiff(file, `${diff.from}..${diff.to}`))
      rows += file.added + file.removed + 3
    }
    return drawn
  }, [diff])
  useEffect(() => {
    const drawn = new Map(first)
    let at = drawn.size
    let timer: ReturnType<typeof setTimeout> | undefined
    const slice = () => {
      const end = performance.now() + sliceMs
      while (at < diff.files.length && performance.now() < end) {
        const file = diff.files[at++]!
        drawn.set(file.path, toFileDiff(file, `${diff.from}..${diff.to}`))
      }
      if (at < diff.files.length) timer = setTimeout(slice)
      else setState({ diff, drawn })
    }
    if (at < diff.files.length) timer = setTimeout(slice, 50)
    return () => clearTimeout(timer)
  }, [diff, first])
  return state?.diff === diff ? state.drawn : first
}

export function ReviewDiff<T>(props: ReviewDiffProps<T>) {
  const { diff, notes, drawNote, drawHead, collapsed, split, selected, onSelect, loadFile, handle } = props
  const theme = useSyncExternalStore(watchTheme, shownTheme)
  const view = useRef<CodeViewHandle<T, undefined>>(null)
  const drawn = useDrawn(diff)
  const byPath = useMemo(() => new Map(diff.files.map((file) => [file.path, file])), [diff])
  const before = useRef(new Map<string, { item: CodeViewDiffItem<T>; key: string }>())

  const items = useMemo(() => {
    const next = new Map<string, { item: CodeViewDiffItem<T>; key: string }>()
    const list = diff.files.flatMap((file): CodeViewItem<T>[] => {
      const fileDiff = drawn.get(file.path)
      if (!fileDiff) return []
      const under = notes.get(file.path) ?? []
      const folded = collapsed.has(file.path)
      const key = `${folded} ${under.map((note) => note.key).join()}`
      const old = before.current.get(file.path)
      if (old && old.key === key && old.item.fileDiff === fileDiff) {
        next.set(file.path, old)
        return [old.item]
      }
      const annotations = under.map(
        ({ side, line, data }) =>
          ({ side: sides[side], lineNumber: line, metadata: data }) as unknown as DiffLineAnnotation<T>,
      )
      const version = (old?.item.version ?? 0) + 1
      const item: CodeViewDiffItem<T> = {
        id: file.path,
        type: 'diff',
        fileDiff,
        annotations,
        version,
        collapsed: folded,
      }
      next.set(file.path, { item, key })
      return [item]
    })
    before.current = next
    return list
  }, [diff, drawn, notes, collapsed])

  useImperativeHandle(
    handle,
    () => ({
      show: (id, side, lineNumber) =>
        view.current?.scrollTo({
          type: 'line',
          id,
          side: sides[side],
          lineNumber,
          align: 'start',
          offset: headHeight + 28,
        }),
      showFile: (id) => view.current?.scrollTo({ type: 'item', id, align: 'start' }),
      unfold(id, hunk, around) {
        const unfoldNow = () => {
          const rendered = view.current?.getInstance()?.getRenderedItems() ?? []
          const found = rendered.find((item) => item.id === id)
          if (found?.type !== 'diff') return false
          for (const [gap, end, lines] of gaps[around](hunk)) found.instance.expandHunk(gap, end, lines)
          return true
        }
        if (unfoldNow()) return
        // Scrolled out of sight; what is not drawn cannot be unfolded.
        view.current?.scrollTo({ type: 'item', id, align: 'start' })
        requestAnimationFrame(unfoldNow)
      },
    }),
    [],
  )

  const options = useMemo(
    () => ({
      theme: themes,
      themeType: theme === 'light' ? ('light' as const) : ('dark' as const),
      preferredHighlighter: engine,
      diffStyle: split ? ('split' as const) : ('unified' as const),
      diffIndicators: 'bars' as const,
      hunkSeparators: 'line-info-basic' as const,
      lineDiffType: words,
      overflow: 'wrap' as const,
      stickyHeaders: true,
      enableLineSelection: true,
      unsafeCSS: css,
      onPostRender: nameButtons,
      expansionLineCount: 20,
      loadDiffFiles: async (fileDiff: FileDiffMetadata) => {
        const path = [...drawn].find(
          ([, metadata]) => metadata === fileDiff || metadata.cacheKey === fileDiff.cacheKey,
        )?.[0]
        const text = await loadFile(byPath.get(path ?? '')!)
        const side = (contents: string) => ({ name: fileDiff.name, contents: visible(contents) })
        return { oldFile: side(text.old), newFile: side(text.new) }
      },
      itemMetrics: { diffHeaderHeight: headHeight, lineHeight: 20 },
      layout: { paddingTop: 0, paddingBottom: 240, gap: 0 },
    }),
    [theme, split, drawn, byPath, loadFile],
  )

  const range: SelectedLineRange | undefined = selected
    ? {
        start: selected.start.line,
        side: sides[selected.start.side],
        end: selected.end.line,
        endSide: sides[selected.end.side],
      }
    : undefined

  return (
    <CodeView<T>
      ref={view}
      className="review-diff h-full overflow-y-auto overflow-x-hidden"
      items={items}
      options={options}
      selectedLines={selected && range ? { id: selected.path, range } : null}
      onSelectedLinesChange={(lines) =>
        onSelect(
          lines && {
            path: lines.id,
            start: { side: sideOf(lines.range.side), line: lines.range.start },
            end: { side: sideOf(lines.range.endSide ?? lines.range.side), line: lines.range.end },
          },
        )
      }
      renderCustomHeader={(item) => {
        const file = byPath.get(item.id)
        return file && drawHead(file)
      }}
      renderAnnotation={(...[annotation]) => drawNote(annotation.metadata as T)}
    />
  )
}
