// Reads key presses as words such as `j`, `A`, `shift+Enter`, `mod+k`, and matches sequences such as `g i`.

/** `mod` is Cmd on a Mac and Ctrl elsewhere. Printable keys carry their shift in themselves: `A`, `?`. */
export function wordOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>): string {
  const printable = event.key.length === 1
  const parts = []
  if (event.ctrlKey || event.metaKey) parts.push('mod')
  if (event.altKey) parts.push('alt')
  if (event.shiftKey && !printable) parts.push('shift')
  parts.push(printable && (event.ctrlKey || event.metaKey) ? event.key.toLowerCase() : event.key)
  return parts.join('+')
}

export interface Match {
  /** The sequence that is complete now, if any. */
  hit: string | null
  /** What was typed so far and may still become a sequence. */
  pending: string
}

/** Adds one word to what was typed before; a word that continues nothing starts afresh. */
export function matchKeys(pending: string, word: string, sequences: readonly string[]): Match {
  for (const typed of pending ? [`${pending} ${word}`, word] : [word]) {
    if (sequences.includes(typed)) return { hit: typed, pending: '' }
    if (sequences.some((sequence) => sequence.startsWith(`${typed} `))) return { hit: null, pending: typed }
  }
  return { hit: null, pending: '' }
}

const names: Record<string, string> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  Enter: '↵',
  Escape: 'esc',
  shift: '⇧',
}

/** How a sequence is printed on a key cap, e.g. `⌘K` or `g i`. */
export function printKeys(sequence: string, mac = /mac/i.test(globalThis.navigator?.platform ?? '')): string {
  const words = sequence.split(' ').map((word) =>
    word
      .split('+')
      .map((part) => (part === 'mod' ? (mac ? '⌘' : 'Ctrl ') : (names[part] ?? part)))
      .join(''),
  )
  return words.join(' ')
}
