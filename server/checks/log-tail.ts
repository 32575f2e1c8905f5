// The end of what a command printed, which is the part worth keeping.

export const logLimitBytes = 64 * 1024

/** The last `limitBytes` of a log, cut at a line where that costs little; says when something was cut. */
export function tailOf(text: string, limitBytes: number = logLimitBytes): string {
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length <= limitBytes) return text
  const note = '[earlier output cut]\n'
  // A cut in the middle of a character leaves replacement characters in front.
  const tail = bytes
    .subarray(bytes.length - limitBytes + note.length)
    .toString('utf8')
    .replace(/^\ufffd+/, '')
  const lineEnd = tail.indexOf('\n')
  return note + (lineEnd >= 0 && lineEnd < 4096 ? tail.slice(lineEnd + 1) : tail)
}
