// Splits by project, never by row: two rows of one repository on both sides would make any model look good.
import { createHash } from 'node:crypto'

/** Projects of the test side: those whose hash falls in the share, never all of them. The same project stays on its side. */
export function testProjects(projects: string[], share: number): Set<string> {
  const ranked = [...new Set(projects)]
    .map((project) => ({ project, place: place(project) }))
    .sort((a, b) => a.place - b.place)
  if (ranked.length < 2 || share === 0) return new Set()
  const chosen = ranked.filter((each) => each.place < share)
  const some = chosen.length > 0 ? chosen : ranked.slice(0, 1)
  return new Set(some.slice(0, ranked.length - 1).map(({ project }) => project))
}

function place(project: string): number {
  return createHash('sha256').update(project).digest().readUInt32BE(0) / 2 ** 32
}
