// Sends one mail: over SMTP when the house has one, else into an outbox of `.eml` files.
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'

export interface Smtp {
  host: string
  port: number
  secure: boolean
  from: string
  user: string | null
  password: string | null
}

export interface Letter {
  to: string
  subject: string
  text: string
  html: string
  /** Where one POST ends the subscription (RFC 8058); null for letters that are answered, not subscribed to. */
  unsubscribeUrl: string | null
  /** The same for the same letter, so that a mail program shows a double once. */
  messageId: string
}

export type Posted = { state: 'sent' | 'outbox' } | { state: 'bounced' | 'later'; why: string }

interface SmtpError extends Error {
  responseCode?: number
  code?: string
}

/** Never throws: what the other side says is the answer. */
export type Post = (letter: Letter) => Promise<Posted>

// Both as plain headers: the library's own list option writes the second one as a link, which no mail program takes.
const headersOf = ({ unsubscribeUrl }: Letter): Record<string, string> =>
  unsubscribeUrl === null
    ? {}
    : { 'List-Unsubscribe': `<${unsubscribeUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }

export function openPost(smtp: Smtp | null, outbox: string): Post {
  return smtp ? (letter) => overSmtp(smtp, letter) : (letter) => intoOutbox(outbox, letter)
}

const message = (from: string, letter: Letter) => ({
  from,
  to: letter.to,
  subject: letter.subject,
  text: letter.text,
  html: letter.html,
  messageId: letter.messageId,
  headers: headersOf(letter),
})

async function overSmtp(smtp: Smtp, letter: Letter): Promise<Posted> {
  const { host, port, secure, user, password } = smtp
  const timeouts = { connectionTimeout: 15_000, greetingTimeout: 15_000, socketTimeout: 30_000 }
  const auth = user === null ? {} : { auth: { user, pass: password ?? '' } }
  const transport = createTransport({ host, port, secure, ...auth, ...timeouts })
  try {
    await transport.sendMail(message(smtp.from, letter))
    return { state: 'sent' }
  } catch (error) {
    const { responseCode, code, message: why } = error as SmtpError
    const refusedForGood = code === 'EENVELOPE' && responseCode !== undefined && responseCode >= 500
    return { state: refusedForGood ? 'bounced' : 'later', why: why.slice(0, 300) }
  } finally {
    transport.close()
  }
}

async function intoOutbox(outbox: string, letter: Letter): Promise<Posted> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  const { message: bytes } = await transport.sendMail(message('Seatrial <seatrial@localhost>', letter))
  await mkdir(outbox, { recursive: true, mode: 0o700 })
  const name = `${letter.messageId.replace(/[^\w.-]+/g, '_')}.eml`
  await writeFile(join(outbox, `.${name}`), bytes as Buffer, { mode: 0o600 })
  await rename(join(outbox, `.${name}`), join(outbox, name))
  return { state: 'outbox' }
}
