// From a model on the shelf to what an engine needs: checked files, chat template, control tokens, context.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import type { ChatTemplate } from '../chat/template.ts'
import { architectureOf, judgeProjector, judgeWeights } from '../gguf/judge.ts'
import { headNumber, readGgufFile } from '../gguf/read.ts'
import type { GgufHead } from '../gguf/types.ts'
import type { LocalModel } from '../in-process.ts'
import type { Installed, Shelf } from './shelf.ts'

/** Reads and judges the files; throws `Refusal` with one sentence when they cannot be served. */
export async function loadLocal(shelf: Shelf, model: Installed, mostContext: number): Promise<LocalModel> {
  const weights = shelf.file(model, 'weights')
  if (weights === null) throw new Refusal('unprocessable', `"${model.name}" has no weights.`)
  const head = await readGgufFile(weights)
  judgeWeights(head)
  const projector = shelf.file(model, 'projector')
  if (projector !== null) judgeProjector(await readGgufFile(projector), head)
  const adapters = new Set((await shelf.adapters(model.name)).map(({ name }) => name))
  return {
    weights,
    projector,
    template: templateOf(head, model.template),
    templateFile: await templateFile(join(dirname(weights), 'template.jinja'), model.template),
    contextTokens: Math.min(model.contextTokens, mostContext),
    trained: trainedFor(head),
    adapterPath: (name) => (adapters.has(name) ? shelf.adapterPath(model.name, name) : null),
  }
}

/** Writes a template beside the weights, for engines that take it as a file; null when the weights have their own. */
async function templateFile(path: string, text: string | null): Promise<string | null> {
  if (text === null) return null
  const there = await readFile(path, 'utf8').catch(() => null)
  if (there !== text) {
    await writeFile(`${path}.new`, text)
    await rename(`${path}.new`, path)
  }
  return path
}

function trainedFor(head: GgufHead): LocalModel['trained'] {
  const tokens = headNumber(head, 'context_length')
  return tokens === null ? null : { key: `${architectureOf(head)}.context_length`, tokens }
}

const controlType = 3

/** The chat template of a head, with what it needs to be rendered; null when the model has none. */
export function templateOf(head: GgufHead, override: string | null): ChatTemplate | null {
  const source = override ?? head.values['tokenizer.chat_template']
  if (typeof source !== 'string') return null
  const tokens = (head.values['tokenizer.ggml.tokens'] ?? []) as string[]
  const types = (head.values['tokenizer.ggml.token_type'] ?? []) as number[]
  const token = (key: string) => tokens[Number(head.values[`tokenizer.ggml.${key}`] ?? -1)] ?? ''
  const controls = tokens.filter((text, i) => types[i] === controlType || /^(<\|.*\|>|\[[A-Z_]+\])$/.test(text))
  return {
    source,
    bos: token('bos_token_id'),
    eos: token('eos_token_id'),
    // Reserved names that no text uses are left out: a thousand of them would slow every request down.
    controls: new Set(
      controls.filter((text) => !/^<(SPECIAL|unused|PAD|reserved)[_\d]/i.test(text) && text.trim() !== ''),
    ),
  }
}
