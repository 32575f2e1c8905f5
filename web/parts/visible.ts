// Makes characters that hide or reorder text visible, so that nobody reads something else than what is there.

const hidden =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu

/** Nearly all text is plain, and this looks at it much faster. */
const odd = /[^\t\n -~]/

export const visible = (text: string): string =>
  !odd.test(text)
    ? text
    : text.replace(
        hidden,
        (character) => `\u27e8U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}\u27e9`,
      )
