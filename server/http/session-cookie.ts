// The session's cookie. Over https its name starts with `__Host-`: no other host, subdomain or plain-http page can set it.
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { isSecure } from './address.ts'

export const sessionDays = 30

const plainName = 'seatrial_session'

const nameOf = (secure: boolean): string => (secure ? `__Host-${plainName}` : plainName)

export const readSession = (c: Context): string | undefined => getCookie(c, nameOf(isSecure(c))) || undefined

export function writeSession(c: Context, secret: string): void {
  const secure = isSecure(c)
  setCookie(c, nameOf(secure), secret, {
    httpOnly: true,
    sameSite: 'Lax',
    path: '/',
    maxAge: sessionDays * 86_400,
    secure,
  })
}

export function clearSession(c: Context): void {
  const secure = isSecure(c)
  deleteCookie(c, nameOf(secure), { path: '/', secure })
}
