// Decides on each request, asks a person where the rules are silent, and counts what went through.
import { isIP } from 'node:net'
import type { EgressOptions } from './egress.ts'
import { covers, presetHosts } from './egress-rules.ts'
import { isPublicAddress } from './public-address.ts'

/** The answer to one request: an address that was checked and may be dialled, or why not. */
export type Pass =
  | { verdict: 'denied'; sentence: string }
  | {
      verdict: 'allowed'
      host: string
      port: number
      address: string
      /** Adds bytes to the account; false once the budget is spent, and then the connection has to end. */
      count(direction: 'sent' | 'received', bytes: number): boolean
      /** Ends the account of this request; the log hears of it. Safe to call twice. */
      done(): void
    }

/** Questions open at once; a trial that asks for more is flooding a person. */
const maxQuestions = 20

export interface Gate {
  /** Never rejects. */
  ask(host: string, port: number): Promise<Pass>
}

export function openGate(options: EgressOptions, resolve: (host: string) => Promise<string[]>): Gate {
  const allow = [...options.allow, ...presetHosts(options.presets)]
  const waiting = new Map<string, Promise<'once' | 'always' | 'never'>>()
  const trusted = new Set(options.trustAddresses ?? [])
  let spent = 0
  const overdrawn = () => options.byteBudget !== undefined && spent >= options.byteBudget

  const askPerson = (host: string, port: number) => {
    const key = `${host}:${port}`
    const running = waiting.get(key)
    if (running) return running
    if (waiting.size >= maxQuestions) return Promise.resolve('never' as const)
    options.onRequest({ host, port, verdict: 'asked', sentBytes: 0, receivedBytes: 0 })
    const answer = options.ask(host, port).finally(() => waiting.delete(key))
    waiting.set(key, answer)
    return answer
  }

  const isAllowed = async (host: string, port: number): Promise<boolean> => {
    // What cannot be looked up is a no.
    const rule = (await options.ruled?.(host, port).catch(() => 'never' as const)) ?? null
    if (rule !== null) return rule === 'always'
    if (allow.some((pattern) => covers(pattern, host, port))) return true
    if (options.unknown === 'deny') return false
    // Nobody to ask is a no.
    const said = await askPerson(host, port).catch(() => 'never' as const)
    return said !== 'never'
  }

  const decide = async (host: string, port: number): Promise<{ address: string } | { why: string }> => {
    if (overdrawn()) return { why: 'The byte budget of this trial is spent.' }
    if (isIP(host) && !isPublicAddress(host) && !trusted.has(host)) return { why: notPublic(host) }
    if (!(await isAllowed(host, port)))
      return { why: `${host}:${port} is not allowed; a person can add it to egress.allow of the project.` }
    const addresses = isIP(host) ? [host] : await resolve(host).catch(() => [])
    const [first] = addresses
    if (first === undefined) return { why: `${host} has no address.` }
    // One private address among public ones is a trick, not a choice.
    const bad = addresses.find((address) => !isPublicAddress(address) && !trusted.has(address))
    return bad ? { why: notPublic(host) } : { address: first }
  }

  return {
    async ask(host, port) {
      const decision = await decide(host, port)
      if ('why' in decision) {
        options.onRequest({ host, port, verdict: 'denied', sentBytes: 0, receivedBytes: 0 })
        return { verdict: 'denied', sentence: decision.why }
      }
      const bytes = { sent: 0, received: 0 }
      let ended = false
      return {
        verdict: 'allowed',
        host,
        port,
        address: decision.address,
        count(direction, more) {
          bytes[direction] += more
          spent += more
          return !overdrawn()
        },
        done() {
          if (ended) return
          ended = true
          options.onRequest({ host, port, verdict: 'allowed', sentBytes: bytes.sent, receivedBytes: bytes.received })
        },
      }
    },
  }
}

const notPublic = (host: string) =>
  `${host} is not on the public internet; private, local and metadata addresses are never reached.`
