// One measured fact on one line. Not measured is never shown as a pass.
import type { Signal } from '@seatrial/protocol/check'
import type { ReactNode } from 'react'
import { visible } from './visible.ts'

const looks = {
  good: ['✓', 'text-ship'],
  neutral: ['·', 'text-ink-faint'],
  bad: ['✕', 'text-skip'],
  none: ['?', 'text-warn'],
} as const

export function SignalLine({ signal, children }: { signal: Signal; children?: ReactNode }) {
  const [sign, tone] = looks[signal.state === 'measured' ? (signal.verdict ?? 'neutral') : 'none']
  const word = signal.state === 'measured' ? (signal.verdict ?? 'neutral') : signal.state.replace('_', ' ')
  return (
    <li className="flex items-baseline gap-2">
      <span className={`w-3 shrink-0 text-center font-semibold ${tone}`} aria-hidden="true">
        {sign}
      </span>
      <span className="sr-only">{word}: </span>
      <span className="w-28 shrink-0 truncate font-mono text-xs text-ink-faint" title={signal.tool}>
        {signal.id}
      </span>
      <span className="min-w-0 flex-1 text-ink-soft [overflow-wrap:anywhere]">
        {visible(signal.sentence)}
        {children}
      </span>
    </li>
  )
}
