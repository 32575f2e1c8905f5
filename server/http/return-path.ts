// Where a browser goes after signing in: a page of this house, whatever the link that brought it said.

/** The path, when it leads to a page of the house itself; `/` otherwise. */
export function safeReturnPath(text: string | undefined): string {
  if (!text?.startsWith('/') || text.length > 2000) return '/'
  const url = URL.parse(text, 'http://house.invalid')
  if (url?.host !== 'house.invalid' || url.protocol !== 'http:') return '/'
  const path = url.pathname + url.search + url.hash
  // `/./` + `/evil.example` comes out as `//evil.example`, which a browser reads as another host.
  return path.startsWith('//') || /^\/(?:v1|auth)(?:\/|$)/.test(path) ? '/' : path
}
