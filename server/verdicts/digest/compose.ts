// A digest in words: what changed, and nothing else. Plain text and HTML say the same.
import type { DigestItem } from '@seatrial/protocol'
import { escapeHtml } from '../page/html.ts'

export interface DigestLinks {
  /** The house's own address, without a slash at the end. */
  baseUrl: string
  /** Null in a preview. */
  unsubscribeUrl: string | null
}

export interface Composed {
  subject: string
  text: string
  html: string
}

const count = (items: readonly DigestItem[]): string =>
  items.length === 1 ? 'one verdict changed' : `${items.length} verdicts changed`

export function composeDigest(week: string, items: readonly DigestItem[], links: DigestLinks): Composed {
  const subject = `Seatrial ${week}: ${count(items)}`
  const link = ({ slug }: DigestItem): string => `${links.baseUrl}/compare/${slug}`
  const before = ({ previous }: DigestItem): string => (previous ? ` (was ${previous})` : ' (new)')
  const leave = links.unsubscribeUrl ? `No more of these: ${links.unsubscribeUrl}` : ''
  const text = [
    `Which one should you ship with? Week ${week}.`,
    ...items.map((item) => `${item.title}: ${item.words}${before(item)}\n${item.sentence}\n${link(item)}`),
    leave,
  ]
    .filter(Boolean)
    .join('\n\n')
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>
<body style="font:16px/1.5 system-ui,sans-serif;color:#14202b;max-width:36rem;margin:0 auto;padding:1rem">
<h1 style="font-size:1.25rem">Which one should you ship with?</h1><p>Week ${escapeHtml(week)}</p>
${items
  .map(
    (item) =>
      `<h2 style="font-size:1.05rem;margin-bottom:0"><a href="${escapeHtml(link(item))}">${escapeHtml(item.title)}</a></h2>
<p style="margin:.25rem 0"><strong>${escapeHtml(item.words)}</strong>${escapeHtml(before(item))}</p><p style="margin:.25rem 0 1rem">${escapeHtml(item.sentence)}</p>`,
  )
  .join('\n')}
${links.unsubscribeUrl ? `<p style="font-size:.85rem;color:#51606e"><a href="${escapeHtml(links.unsubscribeUrl)}">No more of these</a></p>` : ''}
</body></html>`
  return { subject, text: `${text}\n`, html }
}
