// A verdict step by step, in the order of the formula, with the figures that were used.
import type { Estimate } from '@seatrial/protocol'
import { formula } from './formula.ts'
import type { VerdictInputs } from './judge.ts'
import { dollars, labelWords, type Names, percent, plural, rateWords, shareWords } from './words.ts'

export function stepsOf(inputs: VerdictInputs, estimate: Estimate, names: Names): string[] {
  const end = `Label: ${labelWords(estimate.label, names)}.`
  const panel = [
    `Panel on ${names.a}: ${shareWords(estimate.panelA)}.`,
    `Panel on ${names.b}: ${shareWords(estimate.panelB)}.`,
  ]
  if (inputs.kind === 'dossiers')
    return [
      `Facts: ${inputs.a.facts.length} on ${names.a}, ${inputs.b.facts.length} on ${names.b}, each with source and date.`,
      'Each stance reads its own topics; a vendor’s word on itself counts half.',
      ...panel,
      'No shared task, so nothing above TOO EARLY.',
      end,
    ]
  if (inputs.kind === 'candidates')
    return [
      `Gates: ${names.a} ${gate(inputs.a.gates)}, ${names.b} ${gate(inputs.b.gates)}.`,
      `Selection among the task's candidates: ${selected(inputs.selected, names)}.`,
      `A person: ${inputs.a.kept === 1 ? `took ${names.a}` : inputs.b.kept === 1 ? `took ${names.b}` : 'took neither so far'}.`,
      ...panel,
      end,
    ]
  const { wins, losses, ties, tasks, provisional } = estimate
  return [
    `Tasks both attempted: ${tasks} by ${provisional ? 'gates' : 'what people kept'}${provisional ? ` (${inputs.tally.kept.tasks} labelled by people, ${formula.leastTasks} needed)` : ''}; runs that failed on infrastructure are left out.`,
    `Base rate on these tasks: ${percent(estimate.baseRate)}, worth ${formula.priorTasks} tasks of prior.`,
    `${names.a}: ${rateWords(estimate.rateA)} kept; ${names.b}: ${rateWords(estimate.rateB)} kept (${percent(formula.intervalLevel)} intervals).`,
    `Pairs: ${wins} for ${names.a}, ${losses} for ${names.b}, ${plural(ties, 'tie')}.`,
    `e = B(1+${wins}, 1+${losses}) · 2^${wins + losses} = ${estimate.eValue.toFixed(2)}; ${formula.shipE} ships, ${formula.leanE} leans.`,
    `P(${names.a} better) = ${estimate.pBetterA.toFixed(3)}; ${formula.leanP} leans.`,
    `Gates broken by most candidates: ${names.a} ${estimate.vetoedA ? 'yes' : 'no'}, ${names.b} ${estimate.vetoedB ? 'yes' : 'no'}.`,
    ...panel,
    `Cost per shipped change: ${dollars(estimate.cost.a)} and ${dollars(estimate.cost.b)}${estimate.cost.interval ? `, ratio ${estimate.cost.interval.lower.toFixed(2)} to ${estimate.cost.interval.upper.toFixed(2)}` : ''}.`,
    end,
  ]
}

const gate = (gates: boolean | null): string => (gates === null ? 'not judged' : gates ? 'passed' : 'broken')
const selected = (who: 'a' | 'b' | 'other' | 'none' | 'pending', names: Names): string =>
  ({ a: names.a, b: names.b, other: 'another one', none: 'none of them', pending: 'not made yet' })[who]
