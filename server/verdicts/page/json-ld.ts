// schema.org data for machines. Ratings come from people's votes only: the panel's word is never rating markup.
import type { ComparisonView, SideCard } from '@seatrial/protocol'
import { type Html, raw } from './html.ts'

/** Fewer votes are no rating. */
const leastVotes = 5

function application(card: SideCard, votes: { own: number; total: number }, position: number): object {
  const amount = /\$(\d+(?:\.\d+)?)/.exec(card.entry === 'Paid' ? (card.price ?? '') : '')?.[1]
  const price = card.entry === 'Paid' ? amount : card.entry === 'BYO key' ? undefined : '0'
  const { own, total } = votes
  return {
    '@type': 'ListItem',
    position,
    item: {
      '@type': 'SoftwareApplication',
      name: card.name,
      description: card.tagline,
      applicationCategory: 'DeveloperApplication',
      applicationSubCategory: card.category,
      ...(card.homepage ? { url: card.homepage } : {}),
      ...(price === undefined ? {} : { offers: { '@type': 'Offer', price, priceCurrency: 'USD' } }),
      ...(total >= leastVotes
        ? {
            aggregateRating: {
              '@type': 'AggregateRating',
              ratingValue: Math.round((own / total) * 100) / 100,
              bestRating: 1,
              worstRating: 0,
              ratingCount: total,
            },
          }
        : {}),
    },
  }
}

export function jsonLd(view: ComparisonView, baseUrl: string): Html {
  const { a, b, neither } = view.community
  const total = a + b + neither
  const data = {
    '@context': 'https://schema.org',
    '@type': 'WebPage',
    name: `${view.a.name} or ${view.b.name}`,
    description: view.sentence,
    url: `${baseUrl}/compare/${view.slug}`,
    dateModified: view.at,
    mainEntity: {
      '@type': 'ItemList',
      numberOfItems: 2,
      itemListElement: [application(view.a, { own: a, total }, 1), application(view.b, { own: b, total }, 2)],
    },
  }
  // Nothing inside may close the element.
  const text = JSON.stringify(data).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026')
  return raw(`<script type="application/ld+json">${text}</script>`)
}
