// A browser as far as sign-in goes: real HTTP, a cookie jar that keeps the rules of `__Host-`, redirects followed by hand.
export interface Jar {
  cookies: Map<string, string>
  /** One request, cookies sent and kept; redirects are not followed. */
  go(url: string, init?: RequestInit): Promise<Response>
}

export function openJar(headers: Record<string, string> = {}): Jar {
  const cookies = new Map<string, string>()
  return {
    cookies,
    async go(url, init = {}) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const response = await fetch(url, {
        redirect: 'manual',
        ...init,
        headers: { ...headers, ...(cookie ? { cookie } : {}), ...(init.headers as Record<string, string>) },
      })
      for (const line of response.headers.getSetCookie()) {
        const [pair = '', ...attributes] = line.split('; ')
        const name = pair.slice(0, pair.indexOf('='))
        const value = pair.slice(name.length + 1)
        const strict = attributes.includes('Secure') && attributes.includes('Path=/') && !/domain=/i.test(line)
        if (name.startsWith('__Host-') && !strict) continue
        if (value === '' || attributes.includes('Max-Age=0')) cookies.delete(name)
        else cookies.set(name, value)
      }
      return response
    },
  }
}
