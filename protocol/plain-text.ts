// What agents, tools and pages say, made fit for a terminal, a page and a log: no escapes, no controls, no text that
// reads other than it is stored.

// Strings that terminals act on: CSI; OSC, DCS, SOS, PM and APC up to their end (kept to one line, so that an unclosed
// one cannot swallow what follows); other escapes; each in its 7-bit and its 8-bit form.
const escapes =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]?/g

const lineEnds = /\r\n?|[\u0085\u2028\u2029]/g

// Controls but tab and line feed; directions and their overrides; invisible tags and fillers.
const unseen =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu

/** The text without terminal escapes, C0 and C1 controls (but `\n` and `\t`), bidirectional controls and invisible characters. */
export function plainText(text: string): string {
  return text.toWellFormed().replace(escapes, '').replace(lineEnds, '\n').replace(unseen, '')
}
