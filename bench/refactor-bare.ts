// The bare question of bench/refactor.ts: a language server with one file of each project open is asked once.
import { join, resolve } from 'node:path'
import { engines } from '../refactor/language/with-engine.ts'
import { onePerProject } from '../refactor/rename/ask-everywhere.ts'
import { filesWithWord } from '../refactor/tree/find-word.ts'
import { openTree } from '../refactor/tree/tree.ts'

type Given = [engine: keyof typeof engines, task: string, repo: string, file: string, symbol: string, to: string]
const [engineName, task, repo, file, symbol, to] = process.argv.slice(2) as Given
const name = symbol.split('#').at(-1)!
const tree = openTree(resolve(repo))
const engine = await engines[engineName](tree.root, tree.textOf)
for (const one of [file, ...onePerProject(tree, filesWithWord(tree.root, tree.codeFiles, name))])
  await engine.open(tree.path(one), tree.read(one)!.text)
const declared = new RegExp(`(?<=(?:class|function|const|interface|type|enum)\\s+)${name}\\b`)
const edits =
  task === 'rename'
    ? await engine.rename(tree.path(file), tree.read(file)!.text.search(declared), to)
    : await engine.willMove(tree.path(file), join(tree.root, to))
await engine.close()
console.log(JSON.stringify({ files: [...edits.keys()], edits: [...edits.values()].flat().length }))
