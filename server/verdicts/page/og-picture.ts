// The picture that chats and feeds show beside a link: 1200 x 630, drawn from text, no browser.

import { Resvg } from '@resvg/resvg-js'
import type { ComparisonView } from '@seatrial/protocol'
import { shareWords } from '../words.ts'
import { escapeHtml } from './html.ts'
import { labelLook } from './parts.ts'

const tones: Record<string, string> = { ship: '#62cf93', lean: '#62cf93', even: '#eab558', skip: '#ff8f83' }

/** Lines of at most so many characters, broken between words; what is over ends in an ellipsis. */
function wrap(text: string, width: number, most: number): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of text.split(/\s+/)) {
    if (current && current.length + word.length + 1 > width) {
      lines.push(current)
      current = word
    } else current = current ? `${current} ${word}` : word
  }
  lines.push(current)
  if (lines.length <= most) return lines
  return [...lines.slice(0, most - 1), `${lines[most - 1]!.slice(0, width - 1)}…`]
}

export function ogSvg(view: ComparisonView): string {
  const tone = tones[labelLook[view.estimate.label].tone]!
  const text = (x: number, y: number, size: number, fill: string, words: string, weight = 400): string =>
    `<text x="${x}" y="${y}" font-size="${size}" fill="${fill}" font-weight="${weight}">${escapeHtml(words)}</text>`
  const lines = (x: number, y: number, size: number, fill: string, all: string[], weight = 400): string =>
    all.map((one, i) => text(x, y + i * size * 1.25, size, fill, one, weight)).join('')
  const side = (x: number, which: 'a' | 'b'): string => {
    const panel = which === 'a' ? view.estimate.panelA : view.estimate.panelB
    return `<rect x="${x}" y="300" width="530" height="190" rx="18" fill="#12313f"/>${lines(x + 32, 355, 34, '#ffffff', wrap(view[which].name, 21, 2), 700)}${text(x + 32, 460, 24, '#c6d7de', `Panel: ${shareWords(panel)}`)}`
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" font-family="Inter, DejaVu Sans, Liberation Sans, Arial, sans-serif">
<rect width="1200" height="630" fill="#0b2733"/>
${text(60, 90, 30, '#c6d7de', 'Which one should you ship with?')}
${lines(60, 165, 56, tone, wrap(view.words, 34, 1), 700)}
${lines(60, 220, 26, '#c6d7de', wrap(view.evidence, 82, 2))}
${side(60, 'a')}${side(610, 'b')}
${text(60, 570, 26, '#8fa2ad', view.estimate.opinion ? 'Seatrial · opinion on cited facts, not evidence' : 'Seatrial · verdicts from real tasks')}
</svg>`
}

export function ogPicture(view: ComparisonView): Buffer {
  const font = { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' }
  return new Resvg(ogSvg(view), { font }).render().asPng()
}
