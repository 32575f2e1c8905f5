// Edit a hunk by hand: its new side as text. What is saved here is what will be applied.
import type { Hunk } from '@seatrial/protocol/diff'
import { useState } from 'react'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { visible } from '../parts/visible.ts'
import { newSide } from './compose-file.ts'
import type { Choice } from './draft.ts'

interface EditDialogProps {
  path: string
  hunk: Hunk
  choice: Choice | undefined
  save(text: string): void
  close(): void
}

export function EditDialog({ path, hunk, choice, save, close }: EditDialogProps) {
  const original = newSide(hunk).join('\n')
  const [text, setText] = useState(choice?.kind === 'edit' ? choice.text : original)
  return (
    <Dialog open close={close} title={`Edit ${visible(path)}, from line ${hunk.newStart}`} wide>
      <form
        className="flex min-h-0 flex-1 flex-col gap-3 p-4"
        onSubmit={(event) => {
          event.preventDefault()
          save(text)
        }}
      >
        <textarea
          aria-label={`Lines of ${path}`}
          autoFocus
          spellCheck={false}
          wrap="off"
          rows={Math.min(24, text.split('\n').length + 2)}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return
            // Else the desk, which gets its keys back at once, would take the same press for its own.
            event.preventDefault()
            save(text)
          }}
          className="min-h-32 flex-1 resize-y rounded border border-line-strong bg-panel p-2 font-mono text-xs leading-5 text-ink"
        />
        <div className="flex items-center justify-end gap-2">
          <Button tone="quiet" className="mr-auto" onClick={() => setText(original)} disabled={text === original}>
            As the candidate has it
          </Button>
          <Button keys="Escape" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" tone="primary" keys="mod+Enter">
            Take this text
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
