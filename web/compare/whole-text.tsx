// What a candidate does to a file that can only be taken as a whole.
import type { FileDiff } from '@seatrial/protocol/diff'
import { visible } from '../parts/visible.ts'
import { EditText } from './edit-text.tsx'

/** In words, e.g. `Renamed from src/old.ts, mode 100644 to 100755, binary`. */
export function wholeWords({ status, oldPath, oldMode, newMode, binary }: FileDiff): string {
  const moved = oldPath === null ? '' : ` from ${oldPath}`
  const mode = oldMode && newMode && oldMode !== newMode ? `mode ${oldMode} to ${newMode}` : ''
  return [`${status[0]!.toUpperCase()}${status.slice(1)}${moved}`, mode, binary ? 'binary' : '']
    .filter(Boolean)
    .join(', ')
}

export const WholeText = ({ file }: { file: FileDiff | null }) => (
  <>
    <p className="px-3 py-1.5 text-xs text-ink-soft">
      {file ? visible(wholeWords(file)) : 'Leaves this file as it is.'}
    </p>
    {file && file.hunks.length > 0 && <EditText hunks={file.hunks} />}
  </>
)
