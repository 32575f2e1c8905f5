// A whole review with no mouse: move, unfold, find, decide by hunk and by line, edit, comment, apply, and every key in one list.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { git, makeRepo, openTestHouse, removeRepo, scriptedPrompt, type TestHouse } from '../house.ts'
import { lookSignedIn, openBrowser, type Sight } from './page.ts'
import { fix, sample } from './samples.ts'

let house: TestHouse
let repo: string
let browser: Browser
let sight: Sight
let page: Page

beforeAll(async () => {
  house = await openTestHouse()
  repo = await makeRepo(sample)
  browser = await openBrowser()
  const task = await house.client.submitTask({
    body: { project: repo, prompt: scriptedPrompt('No mouse', fix), contenders: ['scripted'] },
  })
  await house.until(task.id, 'waiting')
  sight = await lookSignedIn(browser, house)
  page = sight.page
  // Whatever the mouse does from here on is a fault.
  await page.evaluate(() => {
    for (const kind of ['pointerdown', 'click']) {
      addEventListener(kind, (event) => (event as PointerEvent).pointerType === 'mouse' && console.error('mouse'), true)
    }
  })
  await page.getByRole('option', { name: /No mouse/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/review/)
})
afterAll(async () => {
  await sight?.close()
  await browser?.close()
  await removeRepo(repo)
  await house.close()
})

const keys = async (...list: string[]) => {
  for (const key of list) await page.keyboard.press(key)
}
const at = (name: RegExp) => page.locator('[data-hunk][data-current]').and(page.getByRole('region', { name })).waitFor()
const row = (text: string) => page.getByText(text, { exact: true })

test('rows are in colour when they are first seen', async () => {
  // One look at the moment the first row is there, before anything else could have coloured it.
  const colours = await page.waitForFunction(() => {
    const root = document.querySelector('diffs-container:has([data-hunk]), diffs-container')?.shadowRoot
    const code = [...(root?.querySelectorAll('[data-line]') ?? [])]
    return code.length > 0 && { spans: root?.querySelectorAll('[data-line] span[style]').length ?? 0 }
  })
  expect(((await colours.jsonValue()) as { spans: number }).spans).toBeGreaterThan(0)
})

test('what lies around a hunk is shown by key, on either side and all of it', async () => {
  await keys(']')
  await at(/Hunk 1 of 2 in src\/sum\.js/)
  expect(await row('// Line 8.').count()).toBe(0)
  await keys('}')
  await row('// Line 8.').waitFor()
  await keys('j')
  await at(/Hunk 2 of 2 in src\/sum\.js/)
  await keys('{')
  await row('// Line 17.').waitFor()
  await keys('O')
  await row('// Line 12.').waitFor()
  // Unfolded lines do not make the next press go elsewhere.
  await keys('k')
  await at(/Hunk 1 of 2 in src\/sum\.js/)
})

test('a file is found by name, and the request stands in the head', async () => {
  await keys('/')
  await page.keyboard.insertText('notes')
  await keys('Enter')
  await at(/in notes\.md/)
  await keys('p')
  const request = page.getByRole('region', { name: 'The request' })
  await request.getByText('No mouse').waitFor()
  await keys('p')
  await request.waitFor({ state: 'detached' })
})

test('every action is in the command list with its key, and runs from there', async () => {
  await keys('Control+k')
  const list = page.getByRole('dialog', { name: 'Commands' })
  await list.waitFor()
  const entries = await list.getByRole('option').allTextContents()
  for (const word of [
    'Next hunk',
    'Next file',
    'Select lines',
    'Accept this hunk',
    'Reject this hunk',
    'Comment',
    'Edit this hunk',
  ])
    expect(
      entries.some((entry) => entry.includes(word)),
      word,
    ).toBe(true)
  for (const word of [
    'lines above',
    'lines below',
    'all lines around',
    'undecided',
    'deserves a look',
    'Apply',
    'Undo',
  ])
    expect(
      entries.some((entry) => entry.includes(word)),
      word,
    ).toBe(true)
  await page.keyboard.insertText('next file')
  await keys('Enter')
  await at(/Hunk 1 of 2 in src\/sum\.js/)
})

test('decisions by line, by hunk and by hand, a comment, the next that is open, and all of it applied', async () => {
  await keys('v', 'j', 'a')
  await page.getByText('1 of 2 changed lines taken').waitFor()
  await keys('c')
  await page.getByRole('textbox', { name: /Comment on src\/sum\.js/ }).waitFor()
  await page.keyboard.insertText('Why keep the old one?')
  await keys('Control+Enter')
  await page.getByRole('region', { name: /Your comment/ }).waitFor()
  await keys('.')
  await at(/Hunk 2 of 2 in src\/sum\.js/)
  await keys('x')
  await at(/in notes\.md/)
  await keys('e')
  const editor = page.getByRole('dialog', { name: /Edit notes\.md/ })
  await editor.getByRole('textbox').waitFor()
  await keys('Control+a')
  await page.keyboard.insertText('one\ntwo\nthree\nmine')
  await keys('Control+Enter')
  await editor.waitFor({ state: 'detached' })
  await page.getByText('3/3').first().waitFor()
  await keys('.')
  await page.getByText('Every other hunk is decided.').waitFor()
  await keys('Enter')
  await page.getByRole('dialog', { name: 'Accept' }).getByText('with your edits').waitFor()
  await keys('Enter')
  await page.getByText('Applied 2 files').waitFor()
  const sum = await readFile(join(repo, 'src/sum.js'), 'utf8')
  expect(sum).toContain('export const sum = (a, b) => a - b\nexport const sum = (a, b) => a + b\n')
  expect(sum).not.toContain('two = 2')
  expect(await readFile(join(repo, 'notes.md'), 'utf8')).toContain('mine')
  expect((await git(repo, 'status', '--porcelain')).split('\n')).toHaveLength(2)
  expect(sight.problems).toEqual([])
})
