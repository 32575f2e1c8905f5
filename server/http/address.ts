// Where a request comes from: its scheme, its own address as the browser knows it, and the caller's for rate limits.
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

export interface Front {
  /** The house stands behind one proxy of its own, which appends to `x-forwarded-for`. */
  trustProxy: boolean
  /** Address under which people reach the house, when it is not the one it listens on. */
  publicUrl: string | null
}

declare module 'hono' {
  interface ContextVariableMap {
    /** Set for every request by the app. */
    front: Front
  }
}

type WithSocket = Context<{ Bindings: HttpBindings }>

/**
 * Whether the browser speaks https. Believing the header costs nothing here: who lies about it only makes cookies
 * of their own stricter.
 */
export function isSecure(c: Context): boolean {
  const forwarded = c.req.header('x-forwarded-proto')?.split(',')[0]?.trim()
  return forwarded === 'https' || new URL(c.req.url).protocol === 'https:' || publicHost(c) !== null
}

/** e.g. `https://seatrial.example.org`, without a slash at the end. */
export function originOf(c: Context): string {
  const { publicUrl } = c.get('front')
  if (publicUrl) return publicUrl.replace(/\/+$/, '')
  return `${isSecure(c) ? 'https' : 'http'}://${c.req.header('host') ?? new URL(c.req.url).host}`
}

/** The caller's address; the last one of `x-forwarded-for` is the proxy's own word, those before it anybody's. */
export function callerAddress(c: Context): string {
  const peer = (c as WithSocket).env.incoming.socket.remoteAddress ?? 'unknown'
  const told = c.get('front').trustProxy ? c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined
  return limitKey(told || peer)
}

/** One household has a whole IPv6 /64, so addresses in it count as one. */
export function limitKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped || !address.includes(':')) return mapped ?? address.slice(0, 64)
  const [head = '', tail] = address.toLowerCase().split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, 4).join(':').slice(0, 64)
}

function publicHost(c: Context): string | null {
  const { publicUrl } = c.get('front')
  const url = publicUrl ? URL.parse(publicUrl) : null
  return url?.protocol === 'https:' && url.host === c.req.header('host') ? url.host : null
}
