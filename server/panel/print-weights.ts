// The table of weights as documentation, so that what is printed is what is used.
import { stances } from './stances.ts'

export function printWeights(): string {
  const lines = ['| Stance | Signal | good | minor | major | critical | unknown |', '|---|---|---|---|---|---|---|']
  for (const [stance, rules] of Object.entries(stances)) {
    lines.push(`| **${stance}** (starts at ${rules.start}) | | | | | | |`)
    for (const [kind, w] of Object.entries(rules.weights)) {
      lines.push(`| | \`${kind}\` | ${[w.good, w.minor, w.major, w.critical, w.unknown].join(' | ')} |`)
    }
  }
  return lines.join('\n')
}
