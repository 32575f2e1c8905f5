// The peer of bench/refactor.ts: tsserver with one file of each project open, one question, nothing else.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { startTsserver } from '../refactor/language/tsserver.ts'
import { onePerProject } from '../refactor/rename/ask-everywhere.ts'
import { filesWithWord } from '../refactor/tree/find-word.ts'
import { openTree } from '../refactor/tree/tree.ts'

const [task, given, file, symbol, to] = process.argv.slice(2) as [string, string, string, string, string]
const name = symbol.split('#').at(-1)!
const tree = openTree(resolve(given))
const engine = await startTsserver(tree.root, tree.textOf)
const text = readFileSync(join(tree.root, file), 'utf8')
for (const one of [file, ...onePerProject(tree, filesWithWord(tree.root, tree.codeFiles, name))])
  await engine.open(tree.path(one), tree.read(one)!.text)
const offset = text.search(new RegExp(`(?<=(?:class|function|const|interface|type|enum)\\s+)${name}\\b`))
const edits =
  task === 'rename'
    ? await engine.rename(tree.path(file), offset, to)
    : await engine.willMove(tree.path(file), tree.path(to))
await engine.close()
console.log(JSON.stringify({ files: [...edits.keys()], edits: [...edits.values()].flat().length }))
