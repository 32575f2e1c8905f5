// History, method and subscription: the foot of a comparison page, and the short pages around it.
import type { ComparisonView } from '@seatrial/protocol'
import { formula } from '../formula.ts'
import type { Shown } from './compare-page.ts'
import { type Html, html } from './html.ts'
import { page } from './layout.ts'
import { day, stamp } from './parts.ts'

export const historySection = (view: ComparisonView, shown: Shown): Html =>
  html`<section aria-labelledby="history"><h2 id="history">History</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="history"><table><caption>Verdicts are only ever added. The print names the inputs: <code>seatrial verdict explain ${view.slug}</code> computes it again.</caption>
<thead><tr><th scope="col">Version</th><th scope="col">Verdict</th><th scope="col">Day</th><th scope="col">Inputs</th></tr></thead>
<tbody>${view.history.map((row) => html`<tr><th scope="row">${row.version}</th><td>${stamp(row.label, row.words)}</td><td><time datetime="${row.at}">${day(row.at)}</time></td><td><code>${row.inputsSha.slice(0, 12)}</code></td></tr>`)}</tbody></table></div>
<p><a href="${shown.assets?.json ?? `/compare/${view.slug}.json`}">This page as JSON</a></p></section>`

export const methodSection = (view: ComparisonView): Html =>
  html`<section aria-labelledby="method"><h2 id="method">Method</h2><details><summary>How a verdict is made (formula ${view.formula})</summary>
<ul><li>Only tasks that both attempted count, each once: attempts are averaged, infrastructure failures are missing and never 0.</li>
<li>A change counts as kept when people took it and it was not reverted or hot-fixed within ${formula.survivalDays} days. With fewer than ${formula.leastTasks} such tasks the gates stand in and nothing rises above LEAN.</li>
<li>SHIP needs an e-value of ${formula.shipE}, so that looking after every task names a false winner at most one time in ten; LEAN needs ${formula.leanE} and is a hint.</li>
<li>Money is that of all attempts over the changes that shipped, failures included.</li>
<li>People’s votes are shown beside the verdict and never enter it.</li></ul></details></section>`

export const subscribeSection = (): Html =>
  html`<section aria-labelledby="subscribe"><h2 id="subscribe">Weekly digest</h2>
<p>Only what changed; a quiet week sends nothing. Also as <a href="/digest.rss">RSS</a>, <a href="/digest.atom">Atom</a> and <a href="/digest.json">JSON</a>.</p>
<form class="subscribe" method="post" action="/compare/subscribe"><label>E-mail <input type="email" name="email" required autocomplete="email" maxlength="200"></label> <button type="submit">Subscribe</button></form></section>`

interface Notice {
  title: string
  sentence: string
  baseUrl: string
  signedIn: boolean
  /** A button that posts to an address. */
  action?: { to: string; words: string }
}

export const noticePage = ({ title, sentence, baseUrl, signedIn, action }: Notice): string =>
  page({
    title,
    description: sentence,
    path: null,
    baseUrl,
    listed: false,
    signedIn,
    body: html`<section class="verdict"><h1>${title}</h1><p class="sentence">${sentence}</p>${action ? html`<form method="post" action="${action.to}"><button type="submit">${action.words}</button></form>` : null}<p><a href="/compare">All comparisons</a></p></section>`,
  })

interface Line {
  slug: string
  a: string
  b: string
  label: ComparisonView['estimate']['label']
  words: string
  sentence: string
}

export const listPage = (lines: readonly Line[], baseUrl: string, signedIn: boolean): string =>
  page({
    title: 'Which one should you ship with?',
    description: 'Comparisons that rest on evidence, and say how much of it there is.',
    path: '/compare',
    baseUrl,
    listed: true,
    signedIn,
    body: html`<section class="verdict"><h1>Which one should you ship with?</h1><p class="sentence">Verdicts rest on tasks that both sides tried, and say how much that is.</p></section>
<ul class="list">${lines.map((line) => html`<li><p>${stamp(line.label, line.words)}</p><h2><a href="/compare/${line.slug}">${line.a} or ${line.b}</a></h2><p>${line.sentence}</p></li>`)}</ul>
${lines.length === 0 ? html`<p>Nothing is published here.</p>` : null}${subscribeSection()}`,
  })
