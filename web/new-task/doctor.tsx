// What the doctor found: missing things are said before a token is spent.
import type { DoctorFinding } from '@seatrial/protocol/project'
import { plural } from '../parts/format.ts'
import { visible } from '../parts/visible.ts'

const looks = { ok: ['✓', 'text-ship'], warning: ['!', 'text-warn'], error: ['✕', 'text-skip'] } as const

export function Doctor({ findings }: { findings: readonly DoctorFinding[] | undefined }) {
  if (!findings) return <p className="text-xs text-ink-faint">The doctor is looking…</p>
  const telling = findings.filter(({ level }) => level !== 'ok')
  const fine = findings.length - telling.length
  return (
    <section aria-label="Doctor" className="rounded border border-line bg-panel p-3">
      <h2 className="mb-1.5 text-2xs font-semibold tracking-wide text-ink-faint uppercase">Doctor</h2>
      <ul className="flex flex-col gap-1 text-xs">
        {telling.map(({ area, level, sentence }) => (
          <li key={`${area} ${sentence}`} className="flex gap-2">
            <span aria-hidden="true" className={`w-3 shrink-0 text-center font-semibold ${looks[level][1]}`}>
              {looks[level][0]}
            </span>
            <span className="min-w-0 text-ink-soft [overflow-wrap:anywhere]">
              <span className="sr-only">{level}: </span>
              {visible(sentence)}
            </span>
          </li>
        ))}
        {fine > 0 && (
          <li className="flex gap-2">
            <span aria-hidden="true" className="w-3 shrink-0 text-center font-semibold text-ship">
              ✓
            </span>
            <span className="text-ink-faint">{plural(fine, 'thing')} in order</span>
          </li>
        )}
      </ul>
    </section>
  )
}
