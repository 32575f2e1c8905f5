// Splits a stream of text into prose and what may be a tool call, holding back only what could still become its start.

export interface Splitter {
  /** Prose that is safe to show now. */
  feed(text: string): string
  /** The rest: prose held back in vain, and the call text from its start on. */
  end(): { prose: string; call: string }
}

export function splitAt(start: string | null): Splitter {
  let held = ''
  let call: string | null = null
  return {
    feed(text) {
      if (start === null) return text
      if (call !== null) {
        call += text
        return ''
      }
      held += text
      const at = held.indexOf(start)
      if (at >= 0) {
        const prose = held.slice(0, at)
        call = held.slice(at)
        held = ''
        return prose
      }
      let keep = Math.min(held.length, start.length - 1)
      while (keep > 0 && !start.startsWith(held.slice(-keep))) keep--
      const prose = held.slice(0, held.length - keep)
      held = held.slice(held.length - keep)
      return prose
    },
    end: () => ({ prose: held, call: call ?? '' }),
  }
}

/** Ends a text at the first of the stop words, holding back what could still become one. */
export function stopAt(words: string[]): { feed(text: string): { text: string; stopped: boolean }; end(): string } {
  let held = ''
  return {
    feed(text) {
      if (words.length === 0) return { text, stopped: false }
      held += text
      const hits = words.map((word) => held.indexOf(word)).filter((at) => at >= 0)
      if (hits.length > 0) {
        const result = held.slice(0, Math.min(...hits))
        held = ''
        return { text: result, stopped: true }
      }
      let keep = 0
      for (const word of words) {
        for (let length = Math.min(held.length, word.length - 1); length > keep; length--) {
          if (word.startsWith(held.slice(-length))) keep = length
        }
      }
      const result = held.slice(0, held.length - keep)
      held = held.slice(held.length - keep)
      return { text: result, stopped: false }
    },
    end: () => held,
  }
}
