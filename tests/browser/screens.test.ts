// Every screen with real tasks: no serious fault for assistive technology in any theme, nothing sticks out on a phone,
// and nothing an agent says or names becomes part of the page.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeRepo, openTestHouse, removeRepo, scriptedPrompt, type TestHouse } from '../house.ts'
import { look, lookSignedIn, openBrowser, type Theme } from './page.ts'
import { fix, hostile, sample } from './samples.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let house: TestHouse
let repo: string
let browser: Browser
let two: string
let evil: string

/** Every screen, with what must be on it before it is judged. */
const screens = (): [string, string][] => [
  ['/', '[role=option]'],
  ['/?tab=done', 'h2'],
  ['/new', '#prompt'],
  [`/tasks/${two}`, 'aside h2'],
  [`/tasks/${two}/review`, '[data-hunk]'],
  [`/tasks/${two}/compare`, 'section[aria-current]'],
  ['/verdicts', 'h1'],
  ['/contenders', 'h2'],
  ['/models', 'h1'],
  ['/settings', 'h2'],
]

beforeAll(async () => {
  house = await openTestHouse()
  repo = await makeRepo(sample)
  browser = await openBrowser()
  const submit = (prompt: string, attempts: number) =>
    house.client.submitTask({ body: { project: repo, prompt, contenders: ['scripted'], attempts } })
  const own = [...fix, { do: 'run', command: 'echo "export const id = \'$$-$(date +%N)\'" > src/id.js' }]
  ;[two, evil] = (
    await Promise.all([submit(scriptedPrompt('Two ways', own), 2), submit(scriptedPrompt('Trust me', hostile), 1)])
  ).map(({ id }) => id) as [string, string]
  await house.until(two, 'waiting')
  await house.until(evil, 'waiting')
})
afterAll(async () => {
  await browser?.close()
  await removeRepo(repo)
  await house.close()
})

interface Violation {
  id: string
  impact: string
  nodes: { target: unknown; any: { message: string }[] }[]
}

async function faults(page: Page): Promise<string[]> {
  // Through the debugger, which the page's security policy does not concern.
  await page.evaluate(axe)
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
    violations: Violation[]
  }
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${JSON.stringify(nodes[0]?.target)} ${nodes[0]?.any[0]?.message ?? ''}`)
}

test.for<Theme>(['light', 'dark', 'contrast'])('no screen has a serious fault in the %s theme', async (theme) => {
  const sight = await lookSignedIn(browser, house, { theme })
  const all: string[] = []
  for (const [path, ready] of screens()) {
    await sight.page.goto(house.house.url + path)
    await sight.page.locator(ready).first().waitFor()
    if (path.endsWith('/review')) {
      await sight.page.keyboard.press('i')
      await sight.page.getByRole('complementary', { name: 'Evidence' }).waitFor()
    }
    all.push(...(await faults(sight.page)).map((fault) => `${path} ${fault}`))
  }
  await sight.page.keyboard.press('Control+k')
  await sight.page.getByRole('dialog', { name: 'Commands' }).waitFor()
  all.push(...(await faults(sight.page)).map((fault) => `commands ${fault}`))
  expect(all).toEqual([])
  expect(sight.problems).toEqual([])
  await sight.close()
})

test('the address that `seatrial open` prints signs in and keeps no token', async () => {
  const { page, close } = await look(browser, `${house.house.url}/#token=${house.house.token}`)
  await page.getByRole('heading', { name: 'Inbox' }).waitFor()
  expect(page.url()).not.toContain('token')
  await close()
})

test('the login has no serious fault, and a wrong token does not open the house', async () => {
  const sight = await look(browser, house.house.url)
  await sight.page.getByLabel('Access token').fill('not-the-token')
  await sight.page.keyboard.press('Enter')
  await sight.page.getByRole('alert').waitFor()
  expect(await faults(sight.page)).toEqual([])
  await sight.close()
})

test('nothing sticks out of a phone', async () => {
  const sight = await lookSignedIn(browser, house, { width: 390, height: 844 })
  for (const [path, ready] of screens()) {
    await sight.page.goto(house.house.url + path)
    await sight.page.locator(ready).first().waitFor()
    const width = await sight.page.evaluate(() => document.documentElement.scrollWidth)
    expect(width, path).toBeLessThanOrEqual(390)
  }
  await sight.close()
})

test('what was said of hosts is seen, said and taken back on the settings screen', async () => {
  const [project] = (await house.client.listProjects({})).projects
  const params = { id: project?.id ?? '' }
  const said = async () => (await house.client.getEgress({ params })).rules.map(({ host, verdict }) => [host, verdict])
  await house.client.setEgress({ params, body: { host: 'old.example', verdict: 'always' } })
  const sight = await lookSignedIn(browser, house)
  const { page } = sight
  await page.goto(`${house.house.url}/settings`)
  await page.getByRole('button', { name: 'Forget old.example' }).click()
  await page.getByRole('button', { name: 'Forget old.example' }).waitFor({ state: 'detached' })
  await page.getByLabel('Host', { exact: true }).fill('https://x')
  await page.getByRole('button', { name: 'Deny' }).click()
  await page.getByText(/is no host/).waitFor()
  await page.getByLabel('Host', { exact: true }).fill('*.tracker.example')
  await page.getByRole('button', { name: 'Deny' }).click()
  await page.getByRole('button', { name: 'Forget *.tracker.example' }).waitFor()
  expect(await said()).toEqual([['*.tracker.example', 'never']])
  expect(sight.problems.filter((problem) => !problem.includes('status of 400'))).toEqual([])
  await sight.close()
})

test('what an agent says, plans, names and writes stays text', async () => {
  const sight = await lookSignedIn(browser, house)
  const { page } = sight
  for (const path of ['/', `/tasks/${evil}`, `/tasks/${evil}/review`, `/tasks/${evil}/compare`]) {
    await page.goto(house.house.url + path)
    await page.getByText('Trust me').first().waitFor()
    if (path.endsWith('/review')) await page.getByText('</script><script>').first().waitFor()
    if (path === `/tasks/${evil}`) {
      await page.getByText('<img src="http://127.0.0.1:9/x.png"').waitFor()
      // A character that turns text around is spelled out.
      await page.getByText('⟨U+202E⟩').first().waitFor()
    }
    expect(
      await page.locator('iframe, #planted, img[src="x"], img[src^="http"], a[href^="javascript"]').count(),
      path,
    ).toBe(0)
    expect(await page.title(), path).toContain('Seatrial')
  }
  expect(sight.strays).toEqual([])
  expect(sight.problems).toEqual([])
  await sight.close()
})

test('tabs share one event stream, and the next tab takes it over', async () => {
  const sight = await lookSignedIn(browser, house)
  const streams: string[] = []
  const count = (page: Page) =>
    page.on('request', (request) => {
      if (request.url().includes('/v1/events')) streams.push(request.url())
    })
  const first = await sight.page.context().newPage()
  const second = await sight.page.context().newPage()
  count(first)
  count(second)
  for (const page of [first, second]) {
    await page.goto(house.house.url)
    await page.getByRole('option', { name: /Two ways/ }).waitFor()
  }
  const task = await house.client.submitTask({
    body: { project: repo, prompt: scriptedPrompt('Seen by all', fix), contenders: ['scripted'] },
  })
  await house.until(task.id, 'waiting')
  for (const page of [first, second]) await page.getByRole('option', { name: /Seen by all/ }).waitFor()
  // The page that signed in leads; the others ask for nothing.
  expect(streams).toEqual([])
  await sight.page.close()
  await expect.poll(() => streams.length).toBe(1)
  await house.client.reject({ params: { id: task.id }, body: {} })
  for (const page of [first, second])
    await page.getByRole('option', { name: /Seen by all/ }).waitFor({ state: 'detached' })
  await first.context().close()
})
