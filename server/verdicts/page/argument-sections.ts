// The reviewer split: four stances on each side with their argument, record and what would change their mind; the facts they cite.
import { type Argument, type ComparisonView, Stance } from '@seatrial/protocol'
import { percent } from '../words.ts'
import { type Html, html } from './html.ts'
import { day, factMark, stanceName, voteMark } from './parts.ts'

const cares: Record<Stance, string> = {
  builder: 'Does it work, and is that shown?',
  skeptic: 'What can go wrong, and who pays?',
  futurist: 'Can it be lived with for years?',
  product: 'Does it fit the job and the purse?',
}

/** Citations become links where the facts are on the page. */
function withCites(text: string, side: 'a' | 'b', linked: boolean): Html {
  const parts = text.split(/(\[[\w:.-]+\])/)
  return html`${parts.map((part) => {
    const id = /^\[([\w:.-]+)\]$/.exec(part)?.[1]
    return id && linked ? html`<a class="cite" href="#${side}-${id}">${id}</a>` : part
  })}`
}

export function argumentsSection(view: ComparisonView): Html {
  if (view.arguments.length === 0)
    return html`<section aria-labelledby="split"><h2 id="split">Reviewer split</h2><p>No candidate was reviewed yet.</p></section>`
  // One record that all share is said once.
  const records = new Set(view.arguments.map(({ record }) => record))
  const shared = records.size === 1 ? [...records][0] : null
  const cell = (stance: Stance, side: 'a' | 'b'): Html => {
    const found = view.arguments.find((one) => one.stance === stance && one.side === side)
    return html`<td data-side="${view[side].name}">${found ? argument(found, { linked: view.kind === 'dossiers', record: shared === null }) : 'Did not review.'}</td>`
  }
  const note =
    view.kind === 'contenders'
      ? 'Each stance on the newest candidate of either side.'
      : view.kind === 'dossiers'
        ? 'Four rule-based readers of the cited facts. Each reads topics of its own.'
        : 'Each stance on the two candidates.'
  return html`<section aria-labelledby="split"><h2 id="split">Reviewer split</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="split"><table class="split"><caption>${note} Stances are coverage of arguments, not as many independent votes.${shared ? ` ${shared}` : ''}</caption>
<thead><tr><th scope="col">Stance</th><th scope="col">${view.a.name}</th><th scope="col">${view.b.name}</th></tr></thead>
<tbody>${Stance.options.map((stance) => html`<tr><th scope="row">${stanceName(stance)}<span class="note">${cares[stance]}</span></th>${cell(stance, 'a')}${cell(stance, 'b')}</tr>`)}</tbody></table></div></section>`
}

const argument = (one: Argument, { linked, record }: { linked: boolean; record: boolean }): Html =>
  html`<p class="head">${voteMark(one.vote)}${one.pShip === null ? null : html` <span class="small">${percent(one.pShip)} to ship</span>`}</p>
<p>${withCites(one.text, one.side, linked)}</p>
<p class="small"><em>Would change its mind:</em> ${withCites(one.changeMyMind, one.side, linked)}</p>
${record ? html`<p class="small">${one.record}</p>` : null}`

export function factsSection(view: ComparisonView): Html | null {
  if (view.facts.a.length + view.facts.b.length === 0) return null
  const list = (side: 'a' | 'b'): Html =>
    html`<div><h3>${view[side].name}</h3><ul class="facts">${view.facts[side].map(
      (fact) =>
        html`<li id="${side}-${fact.id}">${factMark(fact)}<div><p>${fact.text}.</p><p class="small"><code>${fact.id}</code> · ${fact.topic} · ${fact.by === 'vendor' ? 'maker’s own word' : fact.by} · <a href="${fact.source}" rel="noopener nofollow">${new URL(fact.source).host}</a>, <time datetime="${fact.date}">${day(fact.date)}</time></p></div></li>`,
    )}</ul></div>`
  return html`<section aria-labelledby="facts"><h2 id="facts">Facts</h2><p>In our own words, each with its source and the day it says or was read. Whether a fact speaks for or against is the reading of whoever entered it.</p><div class="columns">${list('a')}${list('b')}</div></section>`
}
