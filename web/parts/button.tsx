// Buttons in three tones, with room for a key cap.
import type { ButtonHTMLAttributes } from 'react'
import { KeyCap } from './key-cap.tsx'

const tones = {
  plain: 'border-line-strong bg-panel text-ink hover:bg-sunk',
  primary: 'border-accent bg-accent text-accent-ink hover:brightness-110',
  quiet: 'border-transparent text-ink-soft hover:bg-sunk hover:text-ink',
  ship: 'border-ship bg-ship-wash text-ship hover:brightness-95',
  skip: 'border-skip bg-skip-wash text-skip hover:brightness-95',
} as const

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: keyof typeof tones
  keys?: string
  small?: boolean
}

export const Button = ({ tone = 'plain', keys, small, className = '', children, ...rest }: ButtonProps) => (
  <button
    type="button"
    {...rest}
    className={`inline-flex shrink-0 items-center gap-1.5 rounded border font-medium whitespace-nowrap disabled:opacity-60 ${
      small ? 'px-1.5 py-0.5 text-xs' : 'px-2.5 py-1 text-sm'
    } ${tones[tone]} ${className}`}
  >
    {children}
    {keys && <KeyCap keys={keys} />}
  </button>
)
