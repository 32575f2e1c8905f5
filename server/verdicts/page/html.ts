// HTML by template: everything put in is escaped unless it is HTML already. Nothing that anybody wrote becomes markup.

export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toString(): string {
    return this.text
  }
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!)

type Part = Html | string | number | null | undefined | false | Part[]

const put = (part: Part): string =>
  part === null || part === undefined || part === false
    ? ''
    : Array.isArray(part)
      ? part.map(put).join('')
      : part instanceof Html
        ? part.text
        : escapeHtml(String(part))

/** html`<p>${text}</p>` */
export const html = (strings: TemplateStringsArray, ...parts: Part[]): Html =>
  new Html(strings.reduce((all, text, i) => all + text + (i < parts.length ? put(parts[i]) : ''), ''))

/** Only for markup of our own. */
export const raw = (text: string): Html => new Html(text)
