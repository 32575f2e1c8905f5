// Stands where the diff view would load its other highlight engine, whose grammars are 10 MB that nobody here uses.
const unused = (): never => {
  throw new Error('Only the highlights engine is part of this page')
}

/** Every language name is known and has no grammar; the highlights engine brings its own lexers. */
export const bundledLanguages: Record<string, () => Promise<{ default: [] }>> = new Proxy(
  {},
  {
    get: () => async () => ({ default: [] }),
    getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: unused }),
  },
)
export const createHighlighterCore = unused
export const createCssVariablesTheme = unused
export const createJavaScriptRegexEngine = unused
export const createOnigurumaEngine = unused
export const normalizeTheme = unused
export const EncodedTokenMetadata = {}
export const INITIAL = null
export default unused
