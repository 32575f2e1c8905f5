// Output of a process: plain text in a box that scrolls, also by keyboard.
import { visible } from './visible.ts'

export const Log = ({ text, command }: { text: string; command?: string }) => (
  <pre
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
    tabIndex={0}
    className="max-h-60 overflow-auto rounded bg-sunk p-2.5 font-mono text-2xs whitespace-pre-wrap text-ink-soft [overflow-wrap:anywhere]"
  >
    {command !== undefined && (
      <span className="text-ink-faint">
        $ {visible(command)}
        {'\n'}
      </span>
    )}
    {visible(text)}
  </pre>
)
