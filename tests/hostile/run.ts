// Tries attacks undefended and defended and prints a line of JSON for each. The suite runs this in network and host
// name namespaces of its own, once as root and once as an ordinary user; an argument picks attacks by name.
import { attacks } from './all.ts'
import { tryAttack } from './attempt.ts'

if (process.env.SEATRIAL_HOSTILE_NET !== '1')
  throw new Error('Run this through the suite (npm run test:hostile): undefended attacks need a network of their own.')

const root = process.getuid?.() === 0
const part = process.argv[2] ?? ''
for (const attack of attacks) {
  if (!attack.name.includes(part)) continue
  const { name, layer } = attack
  if ((attack.caller === 'root' || attack.strictOnly) && !root) continue
  const undefended = await tryAttack(attack, false)
  const defended = await tryAttack(attack, true)
  const why = { undefended: undefended.attempt, defended: defended.attempt }
  process.stdout.write(
    `${JSON.stringify({ name, layer, undefended: undefended.outcome, defended: defended.outcome, why })}\n`,
  )
}
