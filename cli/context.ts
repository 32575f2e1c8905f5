// What every command gets: a client of the house, where to write, and how. The only reader of the CLI's environment.
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Client, createClient } from '@seatrial/protocol/client'
import { plainText } from '@seatrial/protocol/plain-text'
import pc from 'picocolors'
import { findHouse, startHouse } from './house-process.ts'

export interface Context {
  dataDir: string
  /** The client; starts the house in the background when none runs and none is named. */
  client(): Promise<Client>
  /** Address of the house behind `client()`. */
  url(): Promise<string>
  /** Data, to stdout. */
  out(text: string): void
  /** Part of a line as it comes, to stdout. */
  piece(text: string): void
  /** Talk, to stderr. */
  talk(text: string): void
  /** A line that replaces the last one of its kind, to stderr of a terminal; empty takes it away. */
  redraw(line: string): void
  /** One JSON document to stdout. */
  document(value: object): void
  json: boolean
  /** A person is at both ends: prompts and redrawing are allowed. */
  interactive: boolean
  color: ReturnType<typeof pc.createColors>
}

export interface GlobalOptions {
  json?: boolean
  input?: boolean
  color?: boolean
}

export function createContext(options: GlobalOptions): Context {
  const { env } = process
  const dataDir = resolve(env.SEATRIAL_HOME ?? join(homedir(), '.seatrial'))
  const json = options.json ?? false
  const color = pc.createColors(
    options.color !== false && !json && pc.isColorSupported && process.stdout.isTTY === true,
  )
  const talk = (text: string): void => void process.stderr.write(`${text}\n`)
  let found: Promise<{ url: string; token: string }> | null = null
  const house = (): Promise<{ url: string; token: string }> => {
    found ??=
      env.SEATRIAL_URL && env.SEATRIAL_TOKEN
        ? Promise.resolve({ url: env.SEATRIAL_URL, token: env.SEATRIAL_TOKEN })
        : findHouse(dataDir).then((running) => running ?? startHouse(dataDir, talk))
    return found
  }
  return {
    dataDir,
    json,
    color,
    interactive: process.stdin.isTTY === true && process.stdout.isTTY === true && options.input !== false && !env.CI,
    async client() {
      const { url, token } = await house()
      return createClient({ baseUrl: url, token })
    },
    url: async () => (await house()).url,
    out: (text) => void process.stdout.write(`${json ? text : plainOrColored(text)}\n`),
    piece: (text) => void process.stdout.write(plainText(text)),
    talk,
    redraw: (line) => {
      const most = (process.stderr.columns ?? 80) - 1
      process.stderr.write(`\r\u001b[2K${plainText(line).slice(0, most)}`)
    },
    document: (value) => void process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...value }, null, 2)}\n`),
  }
}

/** Colours are ours and stay; every other escape in what agents said is gone. */
function plainOrColored(text: string): string {
  return text
    .split(/(\u001b\[\d{1,3}m)/)
    .map((part, index) => (index % 2 === 1 ? part : plainText(part)))
    .join('')
}
