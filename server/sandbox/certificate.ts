// Certificates for hosts that a credential is kept for: the proxy answers in their name, to one trial, with a key that
// never leaves this process. DER is written by hand, because Node reads certificates but makes none.
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'

export interface Authority {
  /** What the trial has to trust, PEM. */
  certificate: string
  /** Key and certificate chain for a host, PEM. */
  issue(host: string): { key: string; cert: string }
}

/** Makes an authority that ends with the process. */
export function makeAuthority(): Authority {
  const own = makeKey()
  const leaf = makeKey()
  const issuer = nameOf('Seatrial, for one trial only')
  const keyId = identify(own.spki)
  const certificate = certify(own.key, issuer, issuer, own.spki, [
    extension('2.5.29.19', sequence(boolean(true), integer(Buffer.from([0]))), true),
    extension('2.5.29.15', bits(0x04, 2), true),
    extension('2.5.29.14', der(0x04, keyId)),
  ])
  const key = leaf.key.export({ type: 'pkcs8', format: 'pem' }).toString()
  return {
    certificate,
    issue(host) {
      const alternative = isIP(host) === 4 ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, host)
      const cert = certify(own.key, issuer, nameOf(host.slice(0, 64)), leaf.spki, [
        extension('2.5.29.17', sequence(alternative)),
        extension('2.5.29.15', bits(0x80, 7), true),
        extension('2.5.29.37', sequence(identifier('1.3.6.1.5.5.7.3.1'))),
        extension('2.5.29.14', der(0x04, identify(leaf.spki))),
        extension('2.5.29.35', sequence(der(0x80, keyId))),
      ])
      return { key, cert: cert + certificate }
    },
  }
}

function makeKey(): { key: KeyObject; spki: Buffer } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  })
  return { key: createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' }), spki: publicKey }
}

const identify = (spki: Buffer): Buffer => createHash('sha1').update(spki).digest()

const dayMs = 86_400_000

/** A version 3 certificate by RFC 5280, as PEM. */
function certify(key: KeyObject, issuer: Buffer, subject: Buffer, spki: Buffer, extensions: Buffer[]): string {
  const algorithm = sequence(identifier('1.2.840.10045.4.3.2'))
  const signed = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([0x40]), randomBytes(15)])),
    algorithm,
    issuer,
    sequence(time(Date.now() - dayMs), time(Date.now() + 30 * dayMs)),
    subject,
    spki,
    der(0xa3, sequence(...extensions)),
  )
  const whole = sequence(signed, algorithm, der(0x03, Buffer.from([0]), sign('sha256', signed, key)))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** One value: its tag, the length of its content, the content. */
function der(tag: number, ...parts: (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part as string)))
  const size = content.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts)
const integer = (value: Buffer): Buffer => der(0x02, value)
const boolean = (value: boolean): Buffer => der(0x01, Buffer.from([value ? 0xff : 0]))
const bits = (value: number, unused: number): Buffer => der(0x03, Buffer.from([unused, value]))
const nameOf = (common: string): Buffer => sequence(der(0x31, sequence(identifier('2.5.4.3'), der(0x0c, common))))
const time = (at: number): Buffer => der(0x17, `${new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`)

const extension = (id: string, value: Buffer, critical = false): Buffer =>
  sequence(identifier(id), ...(critical ? [boolean(true)] : []), der(0x04, value))

function identifier(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = rest.flatMap((number) => {
    const digits = [number & 0x7f]
    for (let left = number >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80)
    return digits
  })
  return der(0x06, Buffer.from([first * 40 + second, ...bytes]))
}
