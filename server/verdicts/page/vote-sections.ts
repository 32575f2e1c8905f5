// The community's word on the page, and the blind ballot.
import type { Ballot, ComparisonView, VoteChoice } from '@seatrial/protocol'
import { type Html, html } from './html.ts'
import { page } from './layout.ts'

export function voteSection(view: ComparisonView, signedIn: boolean): Html {
  const { community } = view
  return html`<section aria-labelledby="community"><h2 id="community">Community vote</h2>
<p class="tally" data-votes>${community.words ?? '–'}</p>
<p class="small">${community.words === null ? 'Nobody has voted. ' : null}${community.conflicts > 0 ? `${community.conflicts} more by people with a stake, not counted. ` : null}Votes are blind at first, one per person, and never enter the verdict.</p>
${signedIn ? html`<p><a class="button" href="/compare/${view.slug}/vote">${community.mine ? 'Change your vote' : 'Vote without seeing the names'}</a></p>` : html`<p><a class="button" href="/">Sign in to vote</a></p>`}</section>`
}

export function ballotPage(ballot: Ballot, baseUrl: string): string {
  const { revealed, slug } = ballot
  const side = (which: 'left' | 'right'): Html => {
    const named = revealed?.[which]
    return html`<article class="card" aria-labelledby="side-${which}"><h2 id="side-${which}">${named ?? (which === 'left' ? 'Left' : 'Right')}</h2><ul>${ballot[which].map((line) => html`<li>${line}</li>`)}</ul></article>`
  }
  const button = (choice: VoteChoice, words: string): Html =>
    html`<button type="submit" name="choice" value="${choice}" aria-pressed="${revealed?.choice === choice ? 'true' : 'false'}">${words}</button>`
  return page({
    title: revealed ? 'Your vote' : 'Vote without seeing the names',
    description: 'A blind vote between two.',
    path: null,
    baseUrl,
    listed: false,
    signedIn: true,
    body: html`<section class="verdict" aria-labelledby="title"><p class="question">Which one should you ship with?</p>
<h1 id="title">${revealed ? `You voted ${revealed.choice === 'neither' ? 'for neither' : `for ${revealed[revealed.choice]}`}` : 'Without the names'}</h1>
<p class="sentence">${revealed ? 'You may change it; it stays one vote.' : 'The order is drawn for you. The names are shown once you have voted.'}</p>
${ballot.conflict ? html`<p class="chip warn">${ballot.conflict}</p>` : null}</section>
<div class="cards">${side('left')}${side('right')}</div>
<form class="ballot" method="post" action="/compare/${slug}/vote" data-vote="${slug}"><fieldset><legend>Your vote</legend>
${button('left', revealed?.left ?? 'Left')} ${button('right', revealed?.right ?? 'Right')} ${button('neither', 'Neither')}</fieldset><p role="status" data-status></p></form>
<p><a href="/compare/${slug}">Back to the comparison</a></p>`,
  })
}
