// How things read on a terminal: aligned rows, short durations, money, states in words.
import type { Review, Trial } from '@seatrial/protocol'
import type { TaskView } from '@seatrial/protocol/api'
import { plainText } from '@seatrial/protocol/plain-text'
import type { Context } from './context.ts'

type Color = Context['color']

/** Columns padded to the widest cell, two spaces between; escapes of our own colours do not count as width. */
export function table(rows: string[][]): string {
  const width = (text: string): number => [...text.replace(/\u001b\[\d+m/g, '')].length
  const widths: number[] = []
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, width(cell))
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - width(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Text after its heading, broken between words to fit the terminal, later lines below the first. */
export function hanging(heading: string, text: string, columns = process.stdout.columns ?? 120): string {
  const width = Math.max(30, columns - heading.length)
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return heading + lines.join(`\n${' '.repeat(heading.length)}`)
}

export function ago(iso: string, now: number = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000))
  return duration(seconds)
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)}s`
  if (seconds < 3600) return `${Math.round(seconds / 60)}m`
  if (seconds < 86_400) return `${Math.round(seconds / 3600)}h`
  return `${Math.round(seconds / 86_400)}d`
}

/** Millionths of a dollar as people read them; unknown is said, never shown as zero. */
export const money = (micros: number | null): string =>
  micros === null ? 'price unknown' : micros === 0 ? '$0' : `$${(micros / 1e6).toFixed(micros < 10_000 ? 4 : 2)}`

/** Who a review is by: its stance, and the model where it is not by the rules. */
export const reviewerName = ({ stance, engine }: Review): string =>
  engine === 'rules' ? stance : `${stance} (${oneLine(engine.replace(/^model:/, ''), 60)})`

export const oneLine = (text: string, most = 80): string => {
  const line = plainText(text).replace(/\s+/g, ' ').trim()
  return line.length > most ? `${line.slice(0, most - 1)}…` : line
}

const paint: Record<string, (color: Color) => (text: string) => string> = {
  waiting: (color) => color.yellow,
  ready: (color) => color.green,
  done: (color) => color.green,
  failed: (color) => color.red,
  rejected: (color) => color.red,
  cancelled: (color) => color.dim,
}

export const stateWord = (state: string, color: Color): string => (paint[state]?.(color) ?? color.cyan)(state)

/** One sentence on a trial: contender, state, size, money, minutes. */
export function trialLine(trial: Trial, color: Color): string[] {
  const { candidate: change, usage } = trial
  const spent = usage.calls > 0 ? `${money(usage.micros)}, ${usage.inputTokens + usage.outputTokens} tokens` : ''
  const took =
    trial.startedAt && trial.endedAt ? duration((Date.parse(trial.endedAt) - Date.parse(trial.startedAt)) / 1000) : ''
  return [
    trial.id,
    trial.contender,
    stateWord(trial.state, color),
    change ? `+${change.added} -${change.removed} in ${change.files} ${change.files === 1 ? 'file' : 'files'}` : '',
    [spent, took].filter(Boolean).join(', '),
    trial.failure ? oneLine(trial.failure.sentence, 100) : '',
  ]
}

export const taskLine = (task: TaskView, color: Color): string[] => [
  task.id,
  stateWord(task.state, color),
  task.projectName,
  oneLine(task.title, 48),
  `${task.trials.length} ${task.trials.length === 1 ? 'trial' : 'trials'}`,
  ago(task.createdAt),
  color.dim(task.note ? oneLine(task.note, 60) : ''),
]
