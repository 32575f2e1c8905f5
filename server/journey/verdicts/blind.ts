// What a ballot tells of the two sides while their names are hidden.
import type { ComparisonView } from '@seatrial/protocol'
import { withoutNames } from '../../panel/without-names.ts'
import { plural, rateWords, shareWords } from '../../verdicts/words.ts'

const everyday = /^(?:.{0,2}|agent|assistant|background|code|coder|coding|large|model|small|mini|[\d.]+)$/i

export function blindLines(view: ComparisonView): { a: string[]; b: string[] } {
  // Single words of a name give it away too, unless they are words like any other.
  const words = `${view.a.name} ${view.b.name}`.split(/[\s()+]+/).filter((word) => !everyday.test(word))
  const hidden = [view.a.name, view.b.name, view.a.slug, view.b.slug, ...words]
  const hide = (text: string): string => withoutNames(text, hidden)
  const lines = (side: 'a' | 'b'): string[] => {
    const panel = side === 'a' ? view.estimate.panelA : view.estimate.panelB
    const rate = side === 'a' ? view.estimate.rateA : view.estimate.rateB
    const facts = view.facts[side].map(({ text }) => hide(text))
    return [
      `Panel: ${shareWords(panel)}.`,
      ...(rate ? [`Kept: ${rateWords(rate)} of ${plural(view.estimate.tasks, 'task')}.`] : []),
      `Price: ${hide(view.prices[side])}`,
      ...(facts.length > 0
        ? facts
        : view.arguments.filter((one) => one.side === side).map(({ stance, text }) => `${stance}: ${hide(text)}`)),
    ]
  }
  return { a: lines('a'), b: lines('b') }
}
