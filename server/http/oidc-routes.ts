// `/auth/login` sends a browser to the identity provider, `/auth/callback` takes it back with a session of its own.
import { randomBytes } from 'node:crypto'
import { Refusal } from '@seatrial/protocol'
import { type Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { html } from 'hono/html'
import type { Db } from '../store/database.ts'
import { endSession, startSession } from './access.ts'
import { callerAddress, isSecure, originOf } from './address.ts'
import type { Oidc } from './oidc.ts'
import { personOf } from './oidc-person.ts'
import { createRateLimit } from './rate-limit.ts'
import { safeReturnPath } from './return-path.ts'
import { readSession, writeSession } from './session-cookie.ts'

const callback = '/auth/callback'
const triesPerMinute = 30

/** Null stands for a house without a provider: both addresses say so. */
export function oidcRoutes(options: { db: Db; oidc: Oidc | null }): Hono {
  const { db } = options
  const app = new Hono()
  const limit = createRateLimit({ perMinute: triesPerMinute * 2 })
  const provider = (c: Context): Oidc => {
    limit(callerAddress(c))
    if (!options.oidc) throw new Refusal('not_found', 'This house has no identity provider; sign in with a token.')
    return options.oidc
  }

  app.onError((error, c) => {
    if (!(error instanceof Refusal) || !c.req.header('accept')?.includes('text/html')) throw error
    c.status(error.status)
    return c.html(html`<!doctype html><html lang="en"><meta charset="utf-8"><title>Seatrial</title>
<body style="font: 1rem/1.5 system-ui; margin: 15vh auto; max-width: 32rem; padding: 0 1rem">
<p role="alert">${error.message}</p><p><a href="/">Back to the house</a></p></body></html>`)
  })
  app.get('/auth/login', async (c) => {
    const oidc = provider(c)
    const secure = isSecure(c)
    // One secret per browser, not per start: several tabs may sign in at once.
    const browser = readBrowser(c, secure) ?? randomBytes(24).toString('base64url')
    const returnTo = safeReturnPath(c.req.query('return'))
    const url = await oidc.begin({ redirectUri: originOf(c) + callback, returnTo, browser })
    setCookie(c, browserName(secure), browser, { httpOnly: true, sameSite: 'Lax', path: '/', maxAge: 600, secure })
    c.header('cache-control', 'no-store')
    return c.redirect(url.href)
  })
  app.get(callback, async (c) => {
    const oidc = provider(c)
    const secure = isSecure(c)
    const { search } = new URL(c.req.url)
    const { claims, returnTo } = await oidc.finish({ search, browser: readBrowser(c, secure) })
    const who = await personOf(db, claims, oidc.domains)
    const before = readSession(c)
    if (before) await endSession(db, before)
    writeSession(c, await startSession(db, { personId: who.id, name: who.name }))
    deleteCookie(c, browserName(secure), { path: '/', secure })
    c.header('cache-control', 'no-store')
    return c.redirect(returnTo)
  })
  return app
}

const browserName = (secure: boolean): string => `${secure ? '__Host-' : ''}seatrial_login`
const readBrowser = (c: Context, secure: boolean): string | undefined => getCookie(c, browserName(secure)) || undefined
