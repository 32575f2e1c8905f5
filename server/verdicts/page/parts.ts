// Small pieces that several sections share: labels in words with a glyph, scales as pictures with their figures beside.
import type { Fact, Rate, Stance, VerdictLabel, Vote } from '@seatrial/protocol'
import { percent } from '../words.ts'
import { type Html, html } from './html.ts'

/** Never colour alone: each has a sign and words. */
export const labelLook: Record<VerdictLabel, { glyph: string; tone: string }> = {
  'ship-a': { glyph: '▲', tone: 'ship' },
  'ship-b': { glyph: '▲', tone: 'ship' },
  'lean-a': { glyph: '△', tone: 'lean' },
  'lean-b': { glyph: '△', tone: 'lean' },
  'too-close': { glyph: '≈', tone: 'even' },
  'too-early': { glyph: '…', tone: 'even' },
  'ship-neither': { glyph: '✕', tone: 'skip' },
}

export const stamp = (label: VerdictLabel, words: string): Html => {
  const { glyph, tone } = labelLook[label]
  return html`<strong class="stamp ${tone}"><span aria-hidden="true">${glyph}</span> ${words}</strong>`
}

const voteLook: Record<Vote, { glyph: string; word: string }> = {
  ship: { glyph: '▲', word: 'Ship' },
  skip: { glyph: '✕', word: 'Skip' },
  abstain: { glyph: '–', word: 'Abstain' },
}

export const voteMark = (vote: Vote): Html =>
  html`<strong class="vote ${vote}"><span aria-hidden="true">${voteLook[vote].glyph}</span> ${voteLook[vote].word}</strong>`

export const stanceName = (stance: Stance): string => stance[0]!.toUpperCase() + stance.slice(1)

/** An interval as a bar from 0 to 1; the figures stand beside it, so it is decoration. */
export const span = ({ mean, lower, upper }: Rate): Html => {
  const at = (value: number): string => (100 * value).toFixed(1)
  return html`<svg class="span" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="rail" x="0" y="3" width="100" height="2"/><rect class="reach" x="${at(lower)}" y="2" width="${at(upper - lower)}" height="4"/><rect class="mark" x="${(100 * mean - 0.75).toFixed(1)}" y="0" width="1.5" height="8"/></svg>`
}

export const maybePercent = (value: number | null): string => (value === null ? '–' : percent(value))

const speaks: Record<Fact['speaks'], { glyph: string; word: string }> = {
  for: { glyph: '+', word: 'speaks for it' },
  against: { glyph: '−', word: 'speaks against it' },
  neutral: { glyph: '·', word: 'neutral' },
}
export const factMark = (fact: Fact): Html =>
  html`<span class="sign ${fact.speaks}" title="${speaks[fact.speaks].word}"><span aria-hidden="true">${speaks[fact.speaks].glyph}</span><span class="unseen">${speaks[fact.speaks].word}</span></span>`

export const day = (iso: string): string => iso.slice(0, 10)
