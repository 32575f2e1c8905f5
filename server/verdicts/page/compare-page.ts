// The comparison page, section by section: verdict, cards, evidence, grid, reviewers, prices, matrix, vote, plan, history.
import type { ComparisonView, PanelShare, SideCard, StanceTally } from '@seatrial/protocol'
import { dollars, plural, rateWords, shareWords } from '../words.ts'
import { argumentsSection, factsSection } from './argument-sections.ts'
import { type Html, html } from './html.ts'
import { jsonLd } from './json-ld.ts'
import { page } from './layout.ts'
import { day, maybePercent, span, stamp, stanceName, voteMark } from './parts.ts'
import { historySection, methodSection, subscribeSection } from './small-sections.ts'
import { gridSection, matrixSection } from './task-sections.ts'
import { voteSection } from './vote-sections.ts'

export interface Shown {
  baseUrl: string
  signedIn: boolean
  /** Files of a static export; null on the house itself. */
  assets: { style: string; script: string | null; home: string; picture: string; json: string } | null
}

export function comparePage(view: ComparisonView, shown: Shown): string {
  const title = `${view.a.name} or ${view.b.name}: which one should you ship with?`
  const picture = shown.assets?.picture ?? `${shown.baseUrl}/compare/${view.slug}/og.png`
  return page({
    title,
    description: `${view.words}. ${view.sentence}`,
    path: `/compare/${view.slug}`,
    baseUrl: shown.baseUrl,
    listed: view.published,
    signedIn: shown.signedIn,
    ...(shown.assets ? { assets: shown.assets } : {}),
    head: html`<meta property="og:image" content="${picture}"><meta property="og:image:width" content="1200"><meta property="og:image:height" content="630"><meta name="twitter:card" content="summary_large_image">${jsonLd(view, shown.baseUrl)}`,
    body: html`${verdictSection(view)}
${cardsSection(view)}
${contentsOf(view, shown)}
${evidenceSection(view)}
${gridSection(view, shown.assets === null)}
${argumentsSection(view)}
${priceSection(view)}
${factsSection(view)}
${matrixSection(view)}
${shown.assets ? null : voteSection(view, shown.signedIn)}
<section aria-labelledby="change"><h2 id="change">What would change this verdict</h2><ul>${view.whatWouldChange.map((one) => html`<li>${one}</li>`)}</ul></section>
${historySection(view, shown)}
${methodSection(view)}
${shown.assets ? null : subscribeSection()}`,
  })
}

function verdictSection(view: ComparisonView): Html {
  const { estimate } = view
  const kinds = [estimate.opinion ? 'Opinion, not evidence' : null, estimate.provisional ? 'Provisional' : null]
  return html`<section class="verdict" aria-labelledby="title">
<p class="question">Which one should you ship with?</p>
<h1 id="title">${view.a.name} <span>or</span> ${view.b.name}</h1>
<p class="label">${stamp(estimate.label, view.words)}${kinds.filter((kind) => kind !== null).map((kind) => html` <span class="chip">${kind}</span>`)}</p>
<p class="sentence">${view.sentence}</p>
<p class="line">${view.evidence}${infrastructureWords(view)} Updated <time datetime="${view.at}">${day(view.at)}</time>.</p>
</section>`
}

function infrastructureWords({ infrastructureRuns: { a, b } }: ComparisonView): string {
  return a + b > 0
    ? ` ${plural(a + b, 'run')} failed on infrastructure and ${a + b === 1 ? 'is' : 'are'} left out.`
    : ''
}

/** Where to find what on a long page. */
function contentsOf(view: ComparisonView, shown: Shown): Html {
  const parts: [string, string, boolean][] = [
    ['evidence', 'Evidence', true],
    ['grid', 'Tasks', view.grid.length > 0],
    ['split', 'Reviewers', true],
    ['price', 'Pricing', true],
    ['facts', 'Facts', view.facts.a.length + view.facts.b.length > 0],
    ['community', 'Vote', shown.assets === null],
    ['history', 'History', true],
    ['subscribe', 'Weekly digest', shown.assets === null],
  ]
  return html`<nav class="contents" aria-label="On this page">${parts.filter(([, , there]) => there).map(([id, words]) => html`<a href="#${id}">${words}</a> `)}</nav>`
}

const cardsSection = (view: ComparisonView): Html => html`<div class="cards">${card(view, 'a')}${card(view, 'b')}</div>`

function communityWords({ community: { a, b, neither } }: ComparisonView, side: 'a' | 'b'): string {
  const total = a + b + neither
  const own = side === 'a' ? a : b
  if (total === 0) return '–'
  return total >= 5 ? `${Math.round((100 * own) / total)}% of ${total} votes` : `${own} of ${plural(total, 'vote')}`
}

function card(view: ComparisonView, side: 'a' | 'b'): Html {
  const own: SideCard = view[side]
  const panel: PanelShare = side === 'a' ? view.estimate.panelA : view.estimate.panelB
  const rate = side === 'a' ? view.estimate.rateA : view.estimate.rateB
  const cost = view.estimate.cost[side]
  return html`<article class="card" aria-labelledby="card-${side}">
<p class="category">${own.category}</p>
<h2 id="card-${side}">${own.homepage ? html`<a href="${own.homepage}" rel="noopener nofollow">${own.name}</a>` : own.name}</h2>
<p class="tagline">${own.tagline}</p>
<div class="panel"><p><span class="big">${maybePercent(panel.share)}</span> <span>of the panel would ship</span></p>
<p class="small">${shareWords(panel)}</p>
${splitOf(panel)}</div>
<dl>
${rate ? html`<div class="wide"><dt>${view.estimate.provisional ? 'Passed the gates' : 'Kept by people'}</dt><dd>${rateWords(rate)} of ${plural(view.estimate.tasks, 'shared task')}</dd></div>` : null}
<div><dt>Community</dt><dd>${communityWords(view, side)}</dd></div>
<div><dt>Entry</dt><dd>${own.entry ? html`<span class="chip entry">${own.entry}</span>` : '–'}</dd></div>
${own.price ? html`<div class="wide"><dt>Subscription</dt><dd>${own.price}</dd></div>` : null}
<div class="wide"><dt>${view.kind === 'candidates' ? 'Cost of this candidate' : view.estimate.provisional ? '$ per change that passed' : '$ per shipped change'}</dt><dd>${cost === null ? '–' : dollars(cost)}</dd></div>
</dl></article>`
}

/** The four stances at a glance, over all candidates that they saw; their arguments stand further down. */
function splitOf({ stances }: PanelShare): Html {
  const look = ({ ship, skip, abstain }: StanceTally): Html => {
    const votes = (['ship', 'skip', 'abstain'] as const).filter((vote) => ({ ship, skip, abstain })[vote] > 0)
    const only = ship + skip + abstain === 1
    return html`${votes.map((vote) => html` ${voteMark(vote)}${only ? null : html` ${{ ship, skip, abstain }[vote]}`}`)}`
  }
  const seen = stances.filter(({ ship, skip, abstain }) => ship + skip + abstain > 0)
  return html`<ul class="stances">${seen.map((one) => html`<li><span>${stanceName(one.stance)}</span>${look(one)}</li>`)}</ul>`
}

function evidenceSection(view: ComparisonView): Html {
  const { estimate: e } = view
  const row = (name: string, a: Html | string, b: Html | string, note: string): Html =>
    html`<tr><th scope="row">${name}<span class="note">${note}</span></th><td>${a}</td><td>${b}</td></tr>`
  const panel = (one: PanelShare): Html =>
    html`${maybePercent(one.share)}${one.interval && one.share !== null ? html` (${maybePercent(one.interval.lower)} to ${maybePercent(one.interval.upper)})${span({ mean: one.share, ...one.interval })}` : null}`
  const rate = (one: ComparisonView['estimate']['rateA']): Html => html`${rateWords(one)}${one ? span(one) : null}`
  const tasks = view.kind === 'contenders'
  return html`<section aria-labelledby="evidence"><h2 id="evidence">Evidence</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="evidence"><table><caption>What is known of both, with 95% intervals. The interval of the panel is that of its independent votes.</caption>
<thead><tr><th scope="col">Measure</th><th scope="col">${view.a.name}</th><th scope="col">${view.b.name}</th></tr></thead><tbody>
${tasks ? row(e.provisional ? 'Passed the gates' : 'Kept by people', rate(e.rateA), rate(e.rateB), `of ${plural(e.tasks, 'shared task')}`) : null}
${tasks ? row('Better on', String(e.wins), String(e.losses), `${plural(e.ties, 'tie')}`) : null}
${tasks ? row('Chance to be better', maybePercent(e.pBetterA), maybePercent(e.pBetterB), 'on the tasks that tell them apart') : null}
${row('Panel would ship', panel(e.panelA), panel(e.panelB), 'share of ship among ship and skip')}
${row('Panel probability', maybePercent(e.panelA.pShip), maybePercent(e.panelB.pShip), 'after each reviewer’s record')}
${view.kind === 'dossiers' ? row('Cited facts', String(view.facts.a.length), String(view.facts.b.length), 'with source and date') : row('Broke gates', e.vetoedA ? 'yes' : 'no', e.vetoedB ? 'yes' : 'no', tasks ? 'most candidates' : 'this candidate')}
${view.kind === 'dossiers' ? row('Shared tasks', '0', '0', 'none tried here yet') : null}
</tbody></table></div></section>`
}

const priceSection = (view: ComparisonView): Html =>
  html`<section aria-labelledby="price"><h2 id="price">Pricing read</h2><p>${view.prices.sentence}</p>
<dl class="pair"><div><dt>${view.a.name}</dt><dd>${view.prices.a}${source(view.a)}</dd></div><div><dt>${view.b.name}</dt><dd>${view.prices.b}${source(view.b)}</dd></div></dl></section>`

const source = ({ priceSource, priceDate }: SideCard): Html | null =>
  priceSource
    ? html` <a href="${priceSource}" rel="noopener nofollow">${new URL(priceSource).host}</a>, <time datetime="${priceDate ?? ''}">${priceDate ?? ''}</time>`
    : null
