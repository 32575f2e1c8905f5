// Pictures for the task: dropped or pasted anywhere on the page, or chosen.
import type { Picture } from '@seatrial/protocol/task'
import { ImagePlus, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { visible } from '../parts/visible.ts'
import { mostPictures, readPictures } from './pictures.ts'

interface PictureFieldProps {
  pictures: Picture[]
  change(pictures: Picture[]): void
}

export function PictureField({ pictures, change }: PictureFieldProps) {
  const [problems, setProblems] = useState<string[]>([])
  const [over, setOver] = useState(false)
  const chooser = useRef<HTMLInputElement>(null)
  const add = async (files: readonly File[]) => {
    if (files.length === 0) return
    const read = await readPictures(files, mostPictures - pictures.length)
    setProblems(read.problems)
    change([...pictures, ...read.pictures])
  }
  const latest = useRef(add)
  latest.current = add

  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])]
      if (files.length === 0) return
      event.preventDefault()
      void latest.current(files)
    }
    const onDrop = (event: DragEvent) => {
      event.preventDefault()
      setOver(false)
      void latest.current([...(event.dataTransfer?.files ?? [])])
    }
    const onDrag = (event: DragEvent) => {
      event.preventDefault()
      setOver(event.type === 'dragover')
    }
    addEventListener('paste', onPaste)
    addEventListener('drop', onDrop)
    addEventListener('dragover', onDrag)
    addEventListener('dragleave', onDrag)
    return () => {
      removeEventListener('paste', onPaste)
      removeEventListener('drop', onDrop)
      removeEventListener('dragover', onDrag)
      removeEventListener('dragleave', onDrag)
    }
  }, [])

  return (
    <div>
      <div
        className={`flex flex-wrap items-center gap-2 rounded border border-dashed p-2.5 ${over ? 'border-accent bg-accent-wash' : 'border-line-strong'}`}
      >
        {pictures.map((picture, index) => (
          <figure key={`${picture.name} ${picture.data.length}`} className="relative">
            <img
              src={`data:${picture.mediaType};base64,${picture.data}`}
              alt={visible(picture.name)}
              className="h-20 w-28 rounded border border-line bg-sunk object-cover"
            />
            <button
              type="button"
              aria-label={`Remove ${visible(picture.name)}`}
              onClick={() => change(pictures.filter((_, other) => other !== index))}
              className="absolute top-1 right-1 rounded-full border border-line bg-panel p-0.5 text-ink"
            >
              <X size={12} aria-hidden="true" />
            </button>
          </figure>
        ))}
        <button
          type="button"
          onClick={() => chooser.current?.click()}
          className="flex items-center gap-2 rounded px-2 py-1 text-ink-soft hover:text-ink"
        >
          <ImagePlus size={16} aria-hidden="true" /> Paste, drop or choose pictures
        </button>
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          accept="image/png,image/jpeg,image/webp,image/gif"
          aria-label="Pictures"
          onChange={(event) => {
            void add([...(event.target.files ?? [])])
            event.target.value = ''
          }}
        />
      </div>
      {problems.map((problem) => (
        <p key={problem} role="alert" className="mt-1 text-xs text-skip">
          {visible(problem)}
        </p>
      ))}
    </div>
  )
}
