// A comment under its line: one already in the draft, or the one being written.
import { useState } from 'react'
import { Button } from '../parts/button.tsx'
import { useReview } from './context.ts'

export function CommentNote({ index }: { index: number }) {
  const review = useReview()
  const comment = review.draft.comments[index]
  if (!comment) return null
  return (
    <section
      aria-label={`Your comment on line ${comment.line}`}
      className="my-1 mr-3 ml-2 flex items-start gap-2 rounded-md border border-brass bg-panel px-2.5 py-1.5 font-sans text-sm whitespace-pre-wrap"
    >
      <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{comment.text}</span>
      <Button small tone="quiet" onClick={() => review.dropComment(index)}>
        Delete
      </Button>
    </section>
  )
}

export function CommentBox({ place }: { place: string }) {
  const review = useReview()
  const [text, setText] = useState('')
  return (
    <form
      aria-label="New comment"
      className="my-1 mr-3 ml-2 rounded-md border border-brass bg-panel p-2 font-sans"
      onSubmit={(event) => {
        event.preventDefault()
        if (text.trim()) review.saveComment(text.trim())
      }}
    >
      <textarea
        // biome-ignore lint/a11y/noAutofocus: it opens on the person's own key.
        autoFocus
        aria-label={`Comment on ${place}`}
        placeholder={`Comment on ${place}. It joins the batch you send as one rework.`}
        rows={3}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') review.closeComment()
          else if (event.key === 'Enter' && (event.metaKey || event.ctrlKey) && text.trim())
            review.saveComment(text.trim())
          else return
          event.preventDefault()
          event.stopPropagation()
        }}
        className="w-full resize-y rounded border border-line-strong bg-panel px-2 py-1 text-sm text-ink"
      />
      <div className="mt-1.5 flex justify-end gap-2">
        <Button small keys="Escape" onClick={() => review.closeComment()}>
          Cancel
        </Button>
        <Button small tone="primary" type="submit" keys="mod+Enter" disabled={!text.trim()}>
          Add to batch
        </Button>
      </div>
    </form>
  )
}
