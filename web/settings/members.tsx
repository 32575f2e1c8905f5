// A list of those who may enter, each with a way out, and a line to add another whose secret is shown once.
import { Role } from '@seatrial/protocol/api'
import { type ReactNode, useState } from 'react'
import { Button } from '../parts/button.tsx'
import { inputLook } from '../parts/field.tsx'
import { visible } from '../parts/visible.ts'
import { Part } from './part.tsx'

interface Member {
  id: string
  name: string
  role: Role
  /** More to know of it. */
  note?: string
}

interface MembersProps {
  title: string
  members: readonly Member[]
  /** What taking one out is called, and adding one. */
  words: { out: string; add: string; name: string; placeholder: string }
  /** More fields of the line that adds. */
  fields?: ReactNode
  remove(id: string): Promise<void>
  /** The secret of the new one; null when the house refused. */
  add(name: string, role: Role): Promise<string | null>
}

export function Members({ title, members, words, fields, remove, add }: MembersProps) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('member')
  const [secret, setSecret] = useState<string | null>(null)
  const submit = async () => {
    const made = await add(name.trim(), role)
    if (made === null) return
    setSecret(made)
    setName('')
  }
  return (
    <Part title={title}>
      <ul className="mb-3 flex flex-col divide-y divide-line">
        {members.map((member) => (
          <li key={member.id} className="flex flex-wrap items-baseline gap-x-3 py-1.5">
            <span className="font-medium">{visible(member.name)}</span>
            <span className="text-ink-soft">{member.role}</span>
            {member.note && <span className="text-xs text-ink-faint">{member.note}</span>}
            <Button small tone="quiet" className="ml-auto" onClick={() => void remove(member.id)}>
              {words.out}
              <span className="sr-only"> {visible(member.name)}</span>
            </Button>
          </li>
        ))}
      </ul>
      <form
        className="flex flex-wrap gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <input
          aria-label={words.name}
          placeholder={words.placeholder}
          required
          value={name}
          onChange={(event) => setName(event.target.value)}
          className={`${inputLook} w-40!`}
        />
        <select
          aria-label={`Role: ${title}`}
          value={role}
          onChange={(event) => setRole(event.target.value as Role)}
          className={`${inputLook} w-28!`}
        >
          {Role.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
        {fields}
        <Button type="submit" disabled={!name.trim()}>
          {words.add}
        </Button>
      </form>
      {secret && (
        <div className="mt-3 rounded border border-warn bg-warn-wash p-3">
          <p className="mb-1 text-warn">Shown this once; copy it now.</p>
          <code className="font-mono text-xs select-all [overflow-wrap:anywhere]">{secret}</code>
        </div>
      )}
    </Part>
  )
}
