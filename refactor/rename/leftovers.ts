// What still mentions the old name after a rename, and what kind of mention each one is.
import type { Leftover } from '../report.ts'
import { classify } from '../syntax/classify.ts'
import type { Edits } from '../tree/changes.ts'
import { filesWithWord, wordOffsets } from '../tree/find-word.ts'
import type { Tree } from '../tree/tree.ts'

const maxListed = 200

export function renameLeftovers(tree: Tree, name: string, edits: Edits): Leftover[] {
  const found: Leftover[] = []
  for (const file of filesWithWord(tree.root, tree.files, name)) {
    const text = tree.read(file)?.text
    if (text === undefined) continue
    const edited = edits.get(file) ?? []
    const why = classify(file, text)
    for (const offset of wordOffsets(text, name)) {
      const edit = edited.find((one) => one.start <= offset && offset < one.end)
      if (edit && !keepsName(edit.text, name)) continue
      const mention = why(offset)
      if (!edit && mention === 'path') continue
      const place = tree.place(file, offset)
      found.push({
        ...place,
        why: mention === 'path' || edit ? 'public-name' : mention,
        text: tree.line(file, place.line),
      })
    }
  }
  const stems = tree.files.filter((file) => file.split('/').at(-1)!.split('.')[0] === name)
  const named = stems.map((file): Leftover => ({ file, line: 1, column: 1, why: 'file-name', text: file }))
  return [...named, ...found].slice(0, maxListed)
}

/** `New as Old` keeps the old name for whoever imports it. */
const keepsName = (text: string, name: string): boolean =>
  new RegExp(`\\bas ${name.replaceAll('$', '\\$')}$`).test(text)
