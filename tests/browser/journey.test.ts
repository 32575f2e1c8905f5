// A person and a page: from a new task with a pasted picture to accepted hunks, a rework, a composed candidate.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { git, makeRepo, openTestHouse, removeRepo, scriptedPrompt, type TestHouse } from '../house.ts'
import { lookSignedIn, openBrowser, pastePicture, type Sight } from './page.ts'
import { fix, sample } from './samples.ts'

const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

let house: TestHouse
let repo: string
let browser: Browser
let sight: Sight
let page: Page

beforeAll(async () => {
  house = await openTestHouse()
  repo = await makeRepo(sample)
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await removeRepo(repo)
  await house.close()
})
beforeEach(async () => {
  sight = await lookSignedIn(browser, house)
  page = sight.page
})
afterEach(async () => {
  expect(sight.problems).toEqual([])
  expect(sight.strays).toEqual([])
  await sight.close()
  await git(repo, 'reset', '-q', '--hard')
  await git(repo, 'clean', '-qfd')
})

const keys = async (...list: string[]) => {
  for (const key of list) await page.keyboard.press(key)
}
const submit = (prompt: string, more: object = {}) =>
  house.client.submitTask({ body: { project: repo, prompt, contenders: ['scripted'], ...more } })
const sum = () => readFile(join(repo, 'src/sum.js'), 'utf8')
const current = () => page.locator('[data-hunk][data-current]')

test('a new task with a pasted picture comes back and its hunks are accepted, by keyboard alone', async () => {
  await keys('n')
  await page.getByRole('heading', { name: 'New task' }).waitFor()
  await page.getByPlaceholder('/path/to/repository').fill(repo)
  await keys('Enter')
  await page.getByRole('combobox', { name: 'Project' }).waitFor()
  await page.getByLabel('What should change?').focus()
  await page.keyboard.insertText(scriptedPrompt('Make the test pass', fix))
  await pastePicture(page, 'failure.png', dot)
  await page.getByRole('img', { name: 'failure.png' }).waitFor()
  await page.getByLabel('Another contender').fill('scripted')
  await keys('Enter')
  await page.getByRole('checkbox', { name: 'scripted' }).waitFor()
  await page.getByRole('region', { name: 'Doctor' }).waitFor()
  await keys('Control+Enter')
  await page.waitForURL(/\/tasks\/t-/)
  const id = new URL(page.url()).pathname.split('/').at(-1)!
  expect((await house.client.getTask({ params: { id } })).images).toMatchObject([
    { name: 'failure.png', mediaType: 'image/png' },
  ])
  // The page follows the log: nobody reloads it.
  await page.getByText('Looking at the sum.', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Review' }).waitFor()

  await keys('g', 'i')
  await page.getByRole('option', { name: /Make the test pass/ }).waitFor()
  await keys('Enter')
  await page.waitForURL(/\/review/)
  await current().waitFor()
  const first = await current().getAttribute('data-hunk')
  await keys('a')
  await expect.poll(() => current().getAttribute('data-hunk')).not.toBe(first)
  await keys('x')
  await page.getByText('2/3').first().waitFor()
  await keys('u', 'x', 'Enter')
  const dialog = page.getByRole('dialog', { name: 'Accept' })
  await dialog.getByText('1 whole file').waitFor()
  await keys('Enter')
  await page.getByText('Applied 1 file').waitFor()
  await page.waitForURL((url) => url.pathname === '/')
  const diff = await house.client.getDiff({ params: { id } })
  const took = diff.files[0]!.path
  expect(await git(repo, 'status', '--porcelain')).toBe(` M ${took}`)

  await keys('u')
  await page.getByText('Taken back').waitFor()
  expect(await git(repo, 'status', '--porcelain')).toBe('')
})

test('single lines are taken and a hunk is edited; both land as chosen', async () => {
  const task = await submit(scriptedPrompt('By line', fix))
  await house.until(task.id, 'waiting')
  await page.goto(`${house.house.url}/tasks/${task.id}/review`)
  await page.locator('[data-hunk]').first().waitFor()
  // The notes come first: write them anew by hand.
  await keys('e')
  const editor = page.getByRole('dialog', { name: /Edit notes\.md/ })
  await editor.getByRole('textbox').fill('one\ntwo\nthree\nmine')
  await keys('Control+Enter')
  await editor.waitFor({ state: 'detached' })
  await page.getByText('accepted with your edit').waitFor()
  // Then only the new line of the first hunk of sum.js, without the deletion.
  await keys(']', 'v', 'j', 'a')
  await page.getByText('1 of 2 changed lines taken').waitFor()
  await keys('Enter')
  await page.getByRole('dialog', { name: 'Accept' }).getByText('with your edits').waitFor()
  await keys('Enter')
  await page.getByText('Applied 2 files').waitFor()
  expect(await readFile(join(repo, 'notes.md'), 'utf8')).toBe('# Notes\n\none\ntwo\nthree\nmine\n')
  expect(await sum()).toContain('export const sum = (a, b) => a - b\nexport const sum = (a, b) => a + b\n')
  expect(await sum()).not.toContain('two = 2')
})

test('line comments go as one rework, and the next look shows what changed since', async () => {
  const task = await submit(scriptedPrompt('Comment', fix))
  await house.until(task.id, 'waiting')
  await page.goto(`${house.house.url}/tasks/${task.id}/review`)
  await page.locator('[data-hunk]').first().waitFor()
  await keys('c')
  await page.getByRole('textbox', { name: /Comment on notes\.md/ }).waitFor()
  const again = scriptedPrompt('Say five too', [{ do: 'edit', path: 'notes.md', old: 'four', new: 'four\nfive' }])
  await page.keyboard.insertText(again)
  await keys('Control+Enter')
  await page.getByRole('region', { name: /Your comment/ }).waitFor()
  await keys(']', 'v', 'c')
  await page.getByRole('textbox', { name: /Comment on src\/sum\.js:1/ }).waitFor()
  await page.keyboard.insertText('Keep the old name.')
  await keys('Control+Enter', 'Shift+Enter')
  await page.waitForURL((url) => url.pathname === `/tasks/${task.id}`)
  const ready = await house.until(task.id, 'waiting')
  expect(ready.trials).toHaveLength(2)
  expect(ready.trials[1]!.instruction).toContain('src/sum.js:1 (as it was before): Keep the old name.')

  await page.getByRole('button', { name: 'Review' }).waitFor()
  await keys('Enter')
  await page.waitForURL(/\/review/)
  await page.getByLabel('against').selectOption({ label: 'my last look' })
  await page.waitForURL(/against=r-/)
  await page.getByText('five', { exact: true }).waitFor()
  expect(await page.getByRole('navigation', { name: 'Files' }).getByRole('listitem').count()).toBe(1)
})

test('two candidates are compared where they differ, and the picks become a third that is checked', async () => {
  const own = [
    ...fix,
    { do: 'run', command: 'echo "export const id = \'$$-$(date +%N)\'" > src/id.js' },
    // A binary has no hunks; it is picked as a whole.
    { do: 'run', command: 'printf "\\0$$-$(date +%N)" > logo.bin' },
  ]
  const task = await submit(scriptedPrompt('Two ways', own), { attempts: 2 })
  const both = await house.until(task.id, 'waiting')
  expect(both.trials.map(({ state }) => state)).toEqual(['ready', 'ready'])
  await page.goto(`${house.house.url}/tasks/${task.id}/compare`)
  await page.getByText('2 places where they differ').waitFor()
  expect(await page.getByText('scripted').count()).toBe(0)
  await keys('1', '2')
  await page.getByText('2/2 picked').waitFor()
  await keys('m')
  await page.waitForURL((url) => url.pathname === `/tasks/${task.id}`)
  const composed = await house.until(task.id, 'waiting')
  const third = composed.trials.at(-1)!
  expect(composed.trials).toHaveLength(3)
  expect(third.state).toBe('ready')
  const file = (trial: string, path: string) =>
    house.client.getFile({ params: { id: task.id }, query: { trial, path } }).then(({ text }) => text)
  const [first, second] = both.trials
  const logos = await house.client.getDiff({ params: { id: task.id }, query: { trial: third.id, against: first!.id } })
  expect(logos.files.map(({ path }) => path)).toEqual(['src/id.js'])
  expect(await file(third.id, 'src/id.js')).toBe(await file(second!.id, 'src/id.js'))
  expect(await file(third.id, 'src/sum.js')).toContain('a + b')
  await house.client.getEvidence({ params: { id: task.id }, query: { trial: third.id } })
})
