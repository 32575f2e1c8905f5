// The lines that a line stands in, by indentation alone: the head of its block, of its function, of its class, in any language.

/** For a line (from 1), the heads of the blocks around it, innermost first. */
export function linesAround(text: string): (line: number) => string[] {
  const lines = text.split('\n')
  const indents = lines.map((each) => each.search(/\S/))
  return (line) => {
    const heads: string[] = []
    let least = indents[line - 1] ?? -1
    let open = closes(lines[line - 1])
    for (let at = line - 2; at >= 0 && (least > 0 || open); at--) {
      const indent = indents[at] ?? -1
      if (indent < 0 || indent > least || (indent === least && !open)) continue
      const head = lines[at] ?? ''
      heads.push(head)
      least = indent
      open = closes(head)
    }
    return heads
  }
}

/** `} else {` and `): number {` begin further up, at the same indentation. */
const closes = (head = ''): boolean => /^\s*[)\]}]/.test(head)
