// Small models can fall into saying the same thing for ever. This tells when the end of a text repeats itself.

const longestPeriod = 200
const leastRepeats = 8
const leastLength = 160

/** Feed it every piece; true once the text ends in at least eight equal stretches that make up 160 characters. */
export function loopWatch(): (piece: string) => boolean {
  let tail = ''
  let sinceLast = 0
  return (piece) => {
    tail = (tail + piece).slice(-longestPeriod * leastRepeats)
    sinceLast += piece.length
    if (sinceLast < 32 || tail.length < leastLength) return false
    sinceLast = 0
    for (let period = 1; period <= longestPeriod; period++) {
      const repeats = Math.max(leastRepeats, Math.ceil(leastLength / period))
      if (period * repeats > tail.length) {
        if (period * leastRepeats > tail.length) return false
        continue
      }
      if (repeated(tail, period, repeats)) return true
    }
    return false
  }
}

function repeated(text: string, period: number, repeats: number): boolean {
  const start = text.length - period * repeats
  for (let i = text.length - 1; i >= start + period; i--) {
    if (text.charCodeAt(i) !== text.charCodeAt(i - period)) return false
  }
  // White space alone is a loop too, but a table's rule or a row of dashes in prose is short of 160 characters.
  return true
}
