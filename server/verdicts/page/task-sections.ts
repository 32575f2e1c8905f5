// What happened task by task, and each candidate's tests on every candidate.
import type { ComparisonView } from '@seatrial/protocol'
import { dollars } from '../words.ts'
import { type Html, html } from './html.ts'

/** `linked`: on the house itself, where each cell leads to the candidate's review. */
export function gridSection(view: ComparisonView, linked: boolean): Html | null {
  if (view.grid.length === 0) return null
  type Row = ComparisonView['grid'][number]
  const cell = (row: Row, side: 'a' | 'b'): Html => {
    const { word, costMicros, trialIds } = row[side]
    const review = `/tasks/${row.taskId}/review?trial=${trialIds[0]}`
    const words = linked && trialIds.length > 0 ? html`<a href="${review}">${word}</a>` : word
    return html`<td>${words}<span class="note">${costMicros === null ? 'cost unknown' : dollars(costMicros)}</span></td>`
  }
  const title = ({ taskId, title }: Row) => (linked ? html`<a href="/tasks/${taskId}">${title}</a>` : title)
  return html`<section aria-labelledby="grid"><h2 id="grid">Task by task</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="grid"><table><caption>Tasks that both were given, newest first.</caption>
<thead><tr><th scope="col">Task</th><th scope="col">${view.a.name}</th><th scope="col">${view.b.name}</th></tr></thead>
<tbody>${view.grid.map((row) => html`<tr><th scope="row">${title(row)}</th>${cell(row, 'a')}${cell(row, 'b')}</tr>`)}</tbody></table></div></section>`
}

export function matrixSection(view: ComparisonView): Html | null {
  const { matrix } = view
  if (!matrix || matrix.rows.length === 0) return null
  const name = (id: string): string =>
    id === 'base' ? 'Base' : id === view.a.slug ? view.a.name : id === view.b.slug ? view.b.name : id
  return html`<section aria-labelledby="matrix"><h2 id="matrix">Tests of each on the other</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="matrix"><table><caption>Tests that a candidate added, run on the base and on every candidate: passed of all.</caption>
<thead><tr><th scope="col">Tests of</th>${matrix.columns.map((column) => html`<th scope="col">${name(column)}</th>`)}</tr></thead>
<tbody>${matrix.rows.map(
    (row, i) =>
      html`<tr><th scope="row">${name(row.trialId)}</th>${matrix.columns.map((_, j) => {
        const found = matrix.cells[i]?.[j]
        return html`<td>${found ? `${found.passed} of ${found.total}` : 'could not be run'}</td>`
      })}</tr>`,
  )}</tbody></table></div></section>`
}
