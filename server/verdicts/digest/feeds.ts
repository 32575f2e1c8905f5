// The digest as RSS, Atom and JSON feeds: one entry per week that had something to tell.
import type { Digest } from '@seatrial/protocol'
import { Feed } from 'feed'
import { composeDigest } from './compose.ts'

export const feedTypes = {
  rss: 'application/rss+xml; charset=utf-8',
  atom: 'application/atom+xml; charset=utf-8',
  json: 'application/feed+json; charset=utf-8',
} as const
export type FeedKind = keyof typeof feedTypes

export function writeFeed(kind: FeedKind, digests: readonly Digest[], baseUrl: string): string {
  const newest = digests[0]
  const feed = new Feed({
    title: 'Seatrial: which one should you ship with?',
    description: 'Verdicts that changed, week by week.',
    id: `${baseUrl}/digest`,
    link: `${baseUrl}/compare`,
    language: 'en',
    copyright: 'The house that measured them',
    updated: newest ? new Date(newest.at) : new Date(0),
    feedLinks: { rss: `${baseUrl}/digest.rss`, atom: `${baseUrl}/digest.atom`, json: `${baseUrl}/digest.json` },
  })
  for (const { week, items, at, id } of digests) {
    const { subject, html, text } = composeDigest(week, items, { baseUrl, unsubscribeUrl: null })
    feed.addItem({
      title: subject,
      id: `${baseUrl}/digest/${id}`,
      link: `${baseUrl}/compare/${items[0]?.slug ?? ''}`,
      date: new Date(at),
      description: text.split('\n')[0] ?? '',
      content: html.replace(/^[\s\S]*<body[^>]*>|<\/body>[\s\S]*$/g, ''),
    })
  }
  return kind === 'rss' ? feed.rss2() : kind === 'atom' ? feed.atom1() : feed.json1()
}
