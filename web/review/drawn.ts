// What is drawn under the lines of a diff: a bar per hunk, the comments, and the box one writes in.
import type { Draft, Stop } from './draft.ts'
import { endOf } from './places.ts'
import type { Lines, Note } from './review-diff.tsx'

export type Drawn = { kind: 'hunk'; id: string } | { kind: 'comment'; index: number } | { kind: 'box'; place: string }

export function drawnUnder(stops: readonly Stop[], comments: Draft['comments'], box: Lines | null) {
  const map = new Map<string, Note<Drawn>[]>()
  const put = (path: string, note: Note<Drawn>) => {
    const known = map.get(path)
    if (known) known.push(note)
    else map.set(path, [note])
  }
  for (const { id, path, hunk } of stops) {
    if (hunk) put(path, { ...endOf(hunk), key: id, data: { kind: 'hunk', id } })
  }
  comments.forEach((comment, index) => {
    const key = `comment ${index} ${comment.text}`
    put(comment.path, { side: comment.side ?? 'new', line: comment.line ?? 0, key, data: { kind: 'comment', index } })
  })
  if (box) {
    const place = `${box.path}:${box.end.line}`
    put(box.path, { ...box.end, key: `box ${place}`, data: { kind: 'box', place } })
  }
  return map
}
