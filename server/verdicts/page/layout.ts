// The frame of every page: head, skip link, one column, footer. No inline script; works without any.
import { type Html, html, raw } from './html.ts'

export interface Frame {
  title: string
  description: string
  /** Address of the page without host; null for pages nobody should find. */
  path: string | null
  baseUrl: string
  /** Search engines may list it. */
  listed: boolean
  head?: Html
  body: Html
  /** Where style and script lie; a static export brings its own. */
  assets?: { style: string; script: string | null; home: string }
  signedIn: boolean
}

const own = { style: '/compare/style.css', script: '/compare/page.js', home: '/compare' }

export function page(frame: Frame): string {
  const { style, script, home } = frame.assets ?? own
  const canonical = frame.path === null ? null : `${frame.baseUrl}${frame.path}`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${frame.title}</title>
<meta name="description" content="${frame.description}">
${frame.listed ? null : raw('<meta name="robots" content="noindex">')}
${canonical ? html`<link rel="canonical" href="${canonical}"><meta property="og:url" content="${canonical}">` : null}
<meta property="og:title" content="${frame.title}">
<meta property="og:description" content="${frame.description}">
<meta property="og:type" content="website">
<link rel="stylesheet" href="${style}">
${frame.assets ? null : raw('<link rel="alternate" type="application/rss+xml" title="Verdicts that changed" href="/digest.rss"><link rel="alternate" type="application/atom+xml" title="Verdicts that changed" href="/digest.atom"><link rel="alternate" type="application/feed+json" title="Verdicts that changed" href="/digest.json">')}
${frame.head ?? null}
${script ? html`<script src="${script}" defer></script>` : null}
</head>
<body>
<a class="skip-link" href="#main">Skip to the verdict</a>
<header class="bar"><a class="brand" href="${home}">Seatrial<span> · verdicts</span></a>
${frame.assets ? null : html`<nav aria-label="House"><a href="/compare">All comparisons</a> <a href="/">${frame.signedIn ? 'Inbox' : 'Sign in'}</a></nav>`}</header>
<main id="main">
${frame.body}
</main>
</body>
</html>
`.toString()
}
