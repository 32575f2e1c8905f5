// A key as printed on a cap.
import { printKeys } from '../app/keys.ts'

export const KeyCap = ({ keys }: { keys: string }) => (
  <kbd className="hidden rounded border border-line-strong/70 bg-sunk px-1 font-mono text-[10px] leading-4 text-ink-soft md:inline-block">
    {printKeys(keys)}
  </kbd>
)
