// Applies a patch over several files, all or nothing.
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { seekLines } from './match.ts'
import { type FileChange, type Hunk, parsePatch } from './patch.ts'
import { placeInside } from './place.ts'
import type { AgentTool } from './tool.ts'

const schema = z.object({
  patch: z
    .string()
    .describe('*** Begin Patch / *** Update File: PATH / @@ / lines with " ", "-" or "+" / *** End Patch'),
})

export const applyPatch: AgentTool<z.infer<typeof schema>> = {
  name: 'apply_patch',
  description:
    'Change several files at once. Sections: `*** Add File: PATH`, `*** Update File: PATH` (optionally `*** Move to: PATH`), ' +
    '`*** Delete File: PATH`. A unified diff is understood too. Nothing is written when any part does not apply.',
  schema,
  kind: 'edit',
  title: ({ patch }) => `Patch ${touched(patch).join(', ') || 'nothing'}`.slice(0, 200),
  paths: ({ patch }) => touched(patch),
  async run({ patch }, world) {
    const writes: { file: string; text: string | null }[] = []
    const done: string[] = []
    for (const change of parsePatch(patch)) {
      const file = await placeInside(world.cwd, change.path, 'write')
      if (change.kind === 'add') {
        if (await exists(file)) throw new Error(`${change.path} exists already; use Update File.`)
        writes.push({ file, text: change.text })
      } else if (change.kind === 'delete') {
        await access(file)
        writes.push({ file, text: null })
      } else {
        const text = applyHunks(await readFile(file, 'utf8'), change.hunks, change.path)
        const target = await placeInside(world.cwd, change.to, 'write')
        if (target !== file) writes.push({ file, text: null })
        writes.push({ file: target, text })
      }
      done.push(`${change.kind} ${change.path}`)
    }
    for (const { file, text } of writes) {
      if (text === null) await rm(file)
      else {
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, text)
      }
    }
    return `Applied: ${done.join(', ')}.`
  },
}

/** Places each hunk after the one before. Throws with the first line that could not be placed. */
export function applyHunks(text: string, hunks: Hunk[], path: string): string {
  const crlf = text.includes('\r\n')
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  let from = 0
  for (const hunk of hunks) {
    const anchored = hunk.anchor ? seekLines(lines, [hunk.anchor], from) : -1
    const start = anchored >= 0 ? anchored + 1 : from
    let { before, after } = hunk
    let at = before.length === 0 ? lines.length - (lines.at(-1) === '' ? 1 : 0) : seekFrom(lines, before, start)
    if (at < 0 && before.at(-1) === '' && after.at(-1) === '') {
      // The blank line at the end of a patch is not part of the file.
      before = before.slice(0, -1)
      after = after.slice(0, -1)
      if (before.length === 0) continue
      at = seekFrom(lines, before, start)
    }
    if (at < 0)
      throw new Error(`The patch does not fit ${path}: these lines are not there:\n${before.join('\n').slice(0, 600)}`)
    lines.splice(at, before.length, ...after)
    from = at + after.length
  }
  const result = lines.join('\n')
  return crlf ? result.replaceAll('\n', '\r\n') : result
}

function seekFrom(lines: string[], needle: string[], from: number): number {
  const later = seekLines(lines, needle, from)
  return later >= 0 ? later : seekLines(lines, needle, 0)
}

function touched(patch: string): string[] {
  try {
    return parsePatch(patch)
      .flatMap((change: FileChange) => ('to' in change ? [change.path, change.to] : [change.path]))
      .filter((path, index, all) => all.indexOf(path) === index)
  } catch {
    return []
  }
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )
