// A candidate's edit at one place: its changed lines with a little around them.
import type { Hunk } from '@seatrial/protocol/diff'
import { useState } from 'react'
import { visible } from '../parts/visible.ts'

const most = 40
const tones: Record<string, string> = {
  '+': 'bg-ship-wash text-ink',
  '-': 'bg-skip-wash text-ink',
  ' ': 'text-ink-soft',
}

/** Changed lines and at most `around` lines of context on either side. */
export function nearChanges(lines: readonly string[], around = 2): string[] {
  const changed = lines.flatMap((line, index) => (/^[+-]/.test(line) ? [index] : []))
  return lines.filter((_, index) => changed.some((at) => Math.abs(at - index) <= around))
}

export function EditText({ hunks }: { hunks: readonly Hunk[] }) {
  const [all, setAll] = useState(false)
  if (hunks.length === 0) return <p className="px-3 py-2 text-xs text-ink-faint">Leaves these lines as they are.</p>
  const lines = hunks.flatMap(({ lines }) => nearChanges(lines))
  const shown = all ? lines : lines.slice(0, most)
  return (
    <div className="py-1 font-mono text-xs leading-5">
      {shown.map((line, index) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of one edit do not move.
          key={index}
          className={`px-3 whitespace-pre-wrap [overflow-wrap:anywhere] ${tones[line[0] ?? ' '] ?? 'text-ink-faint'}`}
        >
          {visible(line)}
        </div>
      ))}
      {lines.length > most && !all && (
        <button type="button" onClick={() => setAll(true)} className="px-3 font-sans text-accent hover:underline">
          {lines.length - most} more lines
        </button>
      )}
    </div>
  )
}
