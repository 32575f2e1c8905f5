// Who colours what: small files at once on this thread, of large ones the lines on screen; their rest follows from workers.
import {
  type DiffsHighlighter,
  type FileDiffMetadata,
  getFiletypeFromFileName,
  getHighlighterIfLoaded,
  renderDiffWithHighlighter,
} from '@pierre/diffs'
import { WorkerPoolManager } from '@pierre/diffs/worker'

export const themes = { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' } as const
export const engine = 'highlights' as const
export const words = 'word-alt' as const

/** Both sides together; about two screens of code, which take a few milliseconds. */
const smallCharacters = 12_000

/** The same highlighter, which takes what it is told to be plain text for `lang`. */
const speaking = (highlighter: DiffsHighlighter, lang: string): DiffsHighlighter =>
  Object.create(highlighter, {
    codeToTokens: {
      value: (code: string, options: object) => highlighter.codeToTokens(code, { ...options, lang } as never),
    },
  })

export class ColourPool extends WorkerPoolManager {
  constructor() {
    super(
      {
        poolSize: 2,
        workerFactory: () => new Worker(new URL('./colour-worker.ts', import.meta.url), { type: 'module' }),
        mainThreadMaxCharacters: smallCharacters,
      },
      { theme: themes, preferredHighlighter: engine, lineDiffType: words },
    )
  }

  /**
   * What is drawn until the workers have answered. The view asks for the lines on screen only, so they are coloured here and
   * now; a comment that began above them is known when the whole file is.
   */
  override getPlainDiffAST(...asked: Parameters<WorkerPoolManager['getPlainDiffAST']>) {
    const [diff, startingLine, totalLines, expandedHunks, collapsedContextThreshold] = asked
    const highlighter = getHighlighterIfLoaded({ theme: themes })
    if (!highlighter || !Number.isFinite(totalLines)) return super.getPlainDiffAST(...asked)
    return renderDiffWithHighlighter(diff, speaking(highlighter, languageOf(diff)), this.getDiffRenderOptions(), {
      forcePlainText: true,
      startingLine,
      totalLines,
      ...(expandedHunks ? { expandedHunks } : {}),
      ...(collapsedContextThreshold === undefined ? {} : { collapsedContextThreshold }),
    })
  }
}

const languageOf = (diff: FileDiffMetadata): string => diff.lang ?? getFiletypeFromFileName(diff.name)
