// Acceptance checks beside the project's own: commands that must pass on the candidate.
import { CheckKind, type CheckSpec } from '@seatrial/protocol/project'
import { useState } from 'react'
import { Button } from '../parts/button.tsx'
import { inputLook } from '../parts/field.tsx'
import { visible } from '../parts/visible.ts'

interface ChecksProps {
  /** The project's own checks. */
  own: readonly CheckSpec[]
  checks: readonly CheckSpec[]
  change(checks: CheckSpec[]): void
}

export function Checks({ own, checks, change }: ChecksProps) {
  const [command, setCommand] = useState('')
  const [kind, setKind] = useState<CheckKind>('test')
  const add = () => {
    if (!command.trim()) return
    const name = `accept-${checks.length + 1}`
    change([...checks, { name, kind, command: command.trim(), cwd: '.', timeoutSeconds: 900, report: null }])
    setCommand('')
  }
  return (
    <fieldset>
      <legend className="mb-1 font-medium">Must pass</legend>
      <ul className="mb-1.5 flex flex-col gap-1 text-xs">
        {own.map((check) => (
          <li key={check.name} className="flex gap-2 text-ink-soft">
            <span className="w-12 text-ink-faint">{check.kind}</span>
            <code className="font-mono">{visible(check.command)}</code>
            <span className="text-ink-faint">of the project</span>
          </li>
        ))}
        {checks.map((check) => (
          <li key={check.name} className="flex items-center gap-2">
            <span className="w-12 text-ink-faint">{check.kind}</span>
            <code className="font-mono">{visible(check.command)}</code>
            <Button small tone="quiet" onClick={() => change(checks.filter((one) => one !== check))}>
              Remove
            </Button>
          </li>
        ))}
      </ul>
      <div className="flex gap-2">
        <select
          aria-label="Kind of check"
          value={kind}
          onChange={(event) => setKind(event.target.value as CheckKind)}
          className={`${inputLook} w-24! py-1 text-xs`}
        >
          {CheckKind.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
        <input
          aria-label="Command that must pass"
          placeholder="a command, e.g. npm run e2e"
          value={command}
          spellCheck={false}
          onChange={(event) => setCommand(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.metaKey || event.ctrlKey) return
            event.preventDefault()
            add()
          }}
          className={`${inputLook} py-1 font-mono text-xs`}
        />
        <Button small onClick={add} disabled={!command.trim()}>
          Add
        </Button>
      </div>
    </fieldset>
  )
}
