// How models read on a terminal: what is here, what fits, one model in full, a download as it goes.
import type { ModelCard, Pull } from '@seatrial/protocol'
import type { Context } from './context.ts'
import { duration, oneLine, table } from './format.ts'

type Color = Context['color']

/** Decimal, as disks and downloads are told. */
export const size = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`
/** Binary, as memory is told. */
const memory = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`
const thousands = (tokens: number | null): string => (tokens === null ? '' : `${Math.round(tokens / 1024)}k`)

/** Two tables: what is here, and what can be pulled, with what fits first. */
export function modelList(
  cards: ModelCard[],
  machine: { memoryBytes: number; contextTokens: number },
  color: Color,
): string {
  const here = cards.filter(({ state }) => state === 'installed' || state === 'remote')
  const away = cards.filter((card) => !here.includes(card)).sort((a, b) => order(a) - order(b))
  const parts: string[] = []
  if (here.length > 0) parts.push(color.bold('Here'), table(here.flatMap((card) => hereRows(card, color))))
  if (away.length > 0) {
    const { memoryBytes, contextTokens } = machine
    const reckoned = `, with ${memory(memoryBytes)} of memory and ${thousands(contextTokens)} tokens of context`
    const title = `${color.bold('To pull')}${color.dim(reckoned)}`
    parts.push(here.length > 0 ? `\n${title}` : title, table(away.map((card) => awayRow(card, color))))
  }
  return parts.join('\n')
}

/** What is on its way comes first, then what fits. */
const order = (card: ModelCard) => (card.state === 'pulling' ? 0 : card.fits === false ? 2 : 1)

function hereRows(card: ModelCard, color: Color): string[][] {
  const where = card.state === 'remote' ? card.source : card.bytes === null ? '' : size(card.bytes)
  const uses = [card.chosen ? 'in use' : '', card.seesImages ? 'sees pictures' : ''].filter(Boolean).join(', ')
  return [
    [
      color.green(card.chosen ? '●' : '○'),
      card.name,
      card.roles.join(' '),
      thousands(card.contextTokens),
      where,
      card.licence,
      uses,
    ],
    ...card.adapters.map(({ name, rank }) => ['', `${card.name}@${name}`, 'adapter', '', '', '', `rank ${rank}`]),
  ]
}

function awayRow(card: ModelCard, color: Color): string[] {
  const fits = card.fits === null ? '' : card.fits ? color.green('fits') : color.red('too big')
  return [
    ' ',
    card.state === 'pulling' ? color.yellow(card.name) : card.name,
    card.roles.join(' '),
    thousands(card.contextTokens),
    card.bytes === null ? '' : size(card.bytes),
    card.needBytes === null ? '' : `needs ${memory(card.needBytes)}`,
    card.state === 'pulling' ? color.yellow('pulling') : fits,
    color.dim(oneLine(card.note, 80)),
  ]
}

/** Everything about one model. */
export function modelText(card: ModelCard): string {
  const checksum = (sha256: string | null) => (sha256 ? `sha256 ${sha256.slice(0, 12)}…` : 'checksum told by the hub')
  return [
    `${card.title} (${card.name})`,
    `licence   ${card.licence}${card.licenceUrl ? `  ${card.licenceUrl}` : ''}`,
    `source    ${card.source}${card.revision ? ` at ${card.revision.slice(0, 12)}` : ''}`,
    `good for  ${card.roles.join(', ')}${card.seesImages ? '; sees pictures' : ''}`,
    `context   ${card.contextTokens ?? 'unknown'} tokens`,
    ...card.files.map(
      ({ name, bytes, sha256 }) =>
        `file      ${name}  ${bytes === null ? 'size told by the hub' : size(bytes)}  ${checksum(sha256)}`,
    ),
    ...card.adapters.map(({ name, rank }) => `adapter   @${name}  rank ${rank}`),
    ...card.warnings.map((warning) => `warning   ${warning}`),
    ...(card.note === '' ? [] : [card.note]),
  ].join('\n')
}

/** One line of a download, with a bar of `width` cells where the size is known. */
export function pullLine(pull: Pull, width: number): string {
  if (pull.state !== 'downloading') return `${pull.state} ${pull.name}`
  const share = pull.totalBytes ? Math.min(1, pull.doneBytes / pull.totalBytes) : null
  const filled = share === null ? 0 : Math.round(share * width)
  const bar = share === null ? '' : `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${Math.floor(share * 100)}%  `
  const speed = pull.bytesPerSecond > 0 ? `  ${size(pull.bytesPerSecond)}/s` : ''
  const left = pull.secondsLeft === null ? '' : `  ${duration(pull.secondsLeft)} left`
  return `${bar}${size(pull.doneBytes)}${pull.totalBytes ? ` of ${size(pull.totalBytes)}` : ''}${speed}${left}  ${pull.file ?? ''}`
}
