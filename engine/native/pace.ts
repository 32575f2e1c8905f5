// Pieces are passed on at most 25 times a second: at once when tokens are slow, in small bunches when they are fast.
// Each message costs both processes more than a token costs a small model.
const intervalMs = 40

/** True when something should be passed on now; the first piece always is. */
export function pace(): () => boolean {
  let last = Number.NEGATIVE_INFINITY
  return () => {
    const now = performance.now()
    if (now - last < intervalMs) return false
    last = now
    return true
  }
}
