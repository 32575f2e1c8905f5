// A real SMTP server on loopback that keeps what it was given.
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface MailServer {
  letters: { to: string; body: string }[]
  /** The `[smtp]` table of house.toml that leads here. */
  toml: string
  /** Addresses without a mailbox (any more); those at `gone@` never had one. */
  gone: Set<string>
  /** Takes the next letter and never answers: its sender may be killed between sending and knowing. */
  holdNext(): { arrived: Promise<void> }
  close(): Promise<void>
}

export async function startMailServer(): Promise<MailServer> {
  const letters: MailServer['letters'] = []
  const gone = new Set<string>()
  let held: (() => void) | null = null
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onRcptTo({ address }, _session, done) {
      if (address.startsWith('gone@') || gone.has(address))
        return done(Object.assign(new Error('No such mailbox'), { responseCode: 550 }))
      done()
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        letters.push({ to: session.envelope.rcptTo[0]?.address ?? '', body: Buffer.concat(chunks).toString('utf8') })
        if (held) held()
        else done()
      })
    },
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.server.address() as AddressInfo
  return {
    letters,
    gone,
    toml: `[smtp]\nhost = "127.0.0.1"\nport = ${port}\nfrom = "Seatrial <digest@example.org>"\n`,
    holdNext() {
      const arrived = new Promise<void>((resolve) => {
        held = () => {
          held = null
          resolve()
        }
      })
      return { arrived }
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** The body as text: soft line breaks and equals signs of quoted-printable undone. */
export const plainBody = (body: string): string => body.replace(/=\r?\n/g, '').replaceAll('=3D', '=')

/** The path of the house's link in a letter. */
export const linkIn = (body: string): string =>
  new URL(/https?:\/\/[^\s">]+\/u\/[^\s">]+/.exec(plainBody(body))?.[0] ?? '').pathname
