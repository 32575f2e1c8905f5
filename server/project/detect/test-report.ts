// How a test script is made to leave a report by case: by the runner it ends with, where arguments can be added safely.
import type { CheckSpec } from '@seatrial/protocol'

interface Runner {
  /** Matches a script whose last command is this runner. */
  script: RegExp
  /** Arguments that make it leave a report. */
  args: string
  report: NonNullable<CheckSpec['report']>
}

/** Below node_modules, which every project ignores, so that no report shows up as a change. */
const folder = 'node_modules/.seatrial'
const last = (command: string): RegExp => new RegExp(`(^|&&\\s*|\\s)(npx\\s+)?${command}(\\s[^&|;]*)?$`)

const runners: Runner[] = [
  {
    script: last('vitest'),
    args: `--run --reporter=default --reporter=json --outputFile.json=${folder}/vitest.json`,
    report: { format: 'vitest', path: `${folder}/vitest.json` },
  },
  {
    script: last('jest'),
    args: `--ci --json --outputFile=${folder}/jest.json`,
    report: { format: 'jest', path: `${folder}/jest.json` },
  },
  {
    script: last('mocha'),
    args: `--reporter xunit --reporter-option output=${folder}/mocha.xml`,
    report: { format: 'junit', path: `${folder}/mocha.xml` },
  },
  { script: last('ava'), args: '--tap', report: { format: 'tap', path: null } },
  {
    script: last('bun test'),
    args: `--reporter=junit --reporter-outfile=${folder}/bun.xml`,
    report: { format: 'junit', path: `${folder}/bun.xml` },
  },
]

/** Arguments to add to a script and the report they bring, or null. */
export function reportOf(script: string): { args: string; report: NonNullable<CheckSpec['report']> } | null {
  const runner = runners.find((one) => one.script.test(script.trim()))
  return runner ? { args: runner.args, report: runner.report } : null
}

/**
 * Node's own runner takes its options before the files only, so the script is run by hand.
 * Null where it is more than one plain command.
 */
export function nodeTestCommand(script: string): { command: string; report: NonNullable<CheckSpec['report']> } | null {
  if (!/^node\s[^&|;<>`$()]*--test(\s|$)/.test(script.trim())) return null
  const path = `${folder}/node.tap`
  const options = `--test-reporter=spec --test-reporter-destination=stdout --test-reporter=tap --test-reporter-destination=${path}`
  const command = script.trim().replace(/\s--test(?=\s|$)/, ` --test ${options}`)
  return { command: `mkdir -p ${folder} && ${command}`, report: { format: 'tap', path } }
}
