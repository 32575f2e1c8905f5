// TypeScript 7's own language server, started from this package's pinned copy.
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Refusal } from '@seatrial/protocol'
import type { Edit } from '../tree/changes.ts'
import { lineStarts } from '../tree/text-file.ts'
import type { Engine, Spot, StartEngine } from './engine.ts'
import { startLsp } from './lsp.ts'

type Position = { line: number; character: number }
type Range = { start: Position; end: Position }
type TextEdit = { range: Range; newText: string }
type WorkspaceEdit = {
  changes?: Record<string, TextEdit[]>
  documentChanges?: { textDocument?: { uri: string }; edits?: TextEdit[] }[]
}
type Report = { items: { range: Range; severity?: number; code?: number | string; message: string }[] }

const languages: Record<string, string> = { '.tsx': 'typescriptreact', '.jsx': 'javascriptreact' }
const language = (file: string): string =>
  languages[extname(file)] ?? (/\.[cm]?js$/.test(file) ? 'javascript' : 'typescript')

const capabilities = {
  general: { positionEncodings: ['utf-16'] },
  workspace: {
    workspaceEdit: { documentChanges: true },
    fileOperations: { willRename: true },
    configuration: true,
    didChangeWatchedFiles: { dynamicRegistration: true },
  },
  textDocument: { rename: { prepareSupport: true }, references: {}, diagnostic: {} },
}

/** Without this the server runs `npm install` for the types of untyped JavaScript, beside the project and over the network. */
const settings = { 'js/ts': { tsserver: { automaticTypeAcquisition: { enabled: false } } } }

async function serverPath(): Promise<string> {
  const home = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
  const { default: getExePath } = (await import(pathToFileURL(join(home, 'lib/getExePath.js')).href)) as {
    default: () => string
  }
  return getExePath()
}

export const startTs7: StartEngine = async (root, textOf) => {
  const lsp = await startLsp([await serverPath(), '--lsp', '--stdio'], root, capabilities, settings)
  const texts = new Map<string, string>()
  const starts = new Map<string, number[]>()
  let version = 1

  const startsOf = (file: string): number[] => {
    const known = starts.get(file) ?? lineStarts(texts.get(file) ?? textOf(file) ?? '')
    starts.set(file, known)
    return known
  }
  const toOffset = (file: string, at: Position): number => (startsOf(file)[at.line] ?? 0) + at.character
  const toPosition = (file: string, offset: number): Position => {
    const lines = startsOf(file)
    let line = lines.length - 1
    while (line > 0 && lines[line]! > offset) line--
    return { line, character: offset - lines[line]! }
  }
  const document = (file: string) => ({ uri: pathToFileURL(file).href })
  const at = (file: string, offset: number) => ({ textDocument: document(file), position: toPosition(file, offset) })
  const toEdits = (edit: WorkspaceEdit | null): Map<string, Edit[]> => {
    const out = new Map<string, Edit[]>()
    const listed = edit?.documentChanges?.map((one) => [one.textDocument?.uri, one.edits ?? []] as const)
    for (const [uri, edits] of listed ?? Object.entries(edit?.changes ?? {})) {
      if (!uri?.startsWith('file:') || edits.length === 0) continue
      const file = fileURLToPath(uri)
      const mapped = edits.map((one) => ({
        start: toOffset(file, one.range.start),
        end: toOffset(file, one.range.end),
        text: one.newText,
      }))
      out.set(file, [...(out.get(file) ?? []), ...mapped])
    }
    return out
  }

  const engine: Engine = {
    name: 'typescript 7 language server',
    open: (file, text) => {
      texts.set(file, text)
      starts.delete(file)
      const textDocument = { ...document(file), languageId: language(file), version: version++, text }
      return lsp.notify('textDocument/didOpen', { textDocument })
    },
    change: (file, text) => {
      texts.set(file, text)
      starts.delete(file)
      const textDocument = { ...document(file), version: version++ }
      return lsp.notify('textDocument/didChange', { textDocument, contentChanges: [{ text }] })
    },
    references: async (file, offset) => {
      const params = { ...at(file, offset), context: { includeDeclaration: true } }
      const found = await lsp.request<{ uri: string; range: Range }[] | null>('textDocument/references', params)
      return (found ?? []).map((one): Spot => {
        const where = fileURLToPath(one.uri)
        return { file: where, start: toOffset(where, one.range.start), end: toOffset(where, one.range.end) }
      })
    },
    rename: async (file, offset, newName) => {
      const params = { ...at(file, offset), newName }
      try {
        return toEdits(await lsp.request<WorkspaceEdit | null>('textDocument/rename', params))
      } catch (error) {
        if (/cannot rename/i.test((error as Error).message))
          throw new Refusal('unprocessable', `${(error as Error).message}`)
        throw error
      }
    },
    willMove: async (from, to) =>
      toEdits(
        await lsp.request<WorkspaceEdit | null>('workspace/willRenameFiles', {
          files: [{ oldUri: pathToFileURL(from).href, newUri: pathToFileURL(to).href }],
        }),
      ),
    diagnostics: async (file) => {
      const report = await lsp.request<Report>('textDocument/diagnostic', { textDocument: document(file) })
      return report.items
        .filter((item) => item.severity === 1)
        .map((item) => ({
          line: item.range.start.line + 1,
          column: item.range.start.character + 1,
          code: Number(item.code ?? 0),
          message: item.message,
        }))
    },
    close: lsp.close,
  }
  return engine
}
