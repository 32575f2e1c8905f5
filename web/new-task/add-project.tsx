// Makes a repository on the house's machine known.
import { useState } from 'react'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { cache } from '../data/queries.ts'
import { Button } from '../parts/button.tsx'
import { inputLook } from '../parts/field.tsx'

export function AddProject({ first, added }: { first: boolean; added(id: string): void }) {
  const [asking, setAsking] = useState(false)
  const [path, setPath] = useState('')
  const add = async () => {
    if (!path.trim()) return
    const project = await act(client.addProject({ body: { path: path.trim() } }))
    if (!project) return
    await cache.invalidateQueries({ queryKey: ['projects'] })
    added(project.id)
    setAsking(false)
    setPath('')
  }
  if (!first && !asking) {
    return (
      <button type="button" onClick={() => setAsking(true)} className="self-start text-xs text-accent hover:underline">
        Add another repository
      </button>
    )
  }
  return (
    <div className="flex gap-2">
      <input
        id={first ? 'project' : undefined}
        aria-label="Path of a repository on the house’s machine"
        placeholder="/path/to/repository"
        value={path}
        spellCheck={false}
        onChange={(event) => setPath(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.metaKey || event.ctrlKey) return
          event.preventDefault()
          void add()
        }}
        className={`${inputLook} font-mono`}
      />
      <Button onClick={() => void add()} disabled={!path.trim()}>
        Add
      </Button>
    </div>
  )
}
