// Which words can be the name of something.
const reserved = new Set(
  'break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with yield let static implements interface package private protected public await'.split(
    ' ',
  ),
)

export const isName = (word: string): boolean =>
  /^#?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(word) && !reserved.has(word)
