// Asks for a comparison of two contenders; the house opens its page.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { contendersQuery } from '../data/queries.ts'
import { Button } from '../parts/button.tsx'
import { inputLook } from '../parts/field.tsx'
import { visible } from '../parts/visible.ts'

export function AskVerdict() {
  const contenders = useQuery(contendersQuery)
  const names = (contenders.data ?? []).map(({ id }) => id)
  const [a, setA] = useState('')
  const [b, setB] = useState('')
  const [left, right] = [a || names[0] || '', b || names.find((name) => name !== (a || names[0])) || '']
  if (names.length < 2) return null
  const ask = async () => {
    const made = await act(client.compare({ body: { a: left, b: right } }))
    if (made) location.assign(`/compare/${encodeURIComponent(made.slug)}`)
  }
  const choice = (label: string, value: string, choose: (name: string) => void) => (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => choose(event.target.value)}
      className={`${inputLook} w-auto! font-mono text-xs`}
    >
      {names.map((name) => (
        <option key={name}>{visible(name)}</option>
      ))}
    </select>
  )
  return (
    <form
      aria-label="Compare two contenders"
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        void ask()
      }}
    >
      {choice('First contender', left, setA)}
      <span className="text-ink-faint">or</span>
      {choice('Second contender', right, setB)}
      <Button type="submit" disabled={left === right}>
        Compare
      </Button>
    </form>
  )
}
