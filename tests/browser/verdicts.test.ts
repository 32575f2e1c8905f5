// A person on the comparison pages: votes blind, changes the vote, subscribes, confirms, gets the digest over a real SMTP
// server and leaves with one click. No serious fault for assistive technology in any theme.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestHouse, type TestHouse } from '../house.ts'
import { type MailServer, plainBody, startMailServer } from '../mail-server.ts'
import { look, lookSignedIn, openBrowser } from './page.ts'

let house: TestHouse
let browser: Browser
let mail: MailServer
const example = '/compare/cursor-background-agent-vs-mistral-small-3-1'

beforeAll(async () => {
  mail = await startMailServer()
  house = await openTestHouse({ houseToml: mail.toml })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await house?.close()
  await mail?.close()
})

const axe = readFileSync(
  createRequire(import.meta.resolve('@seatrial/server/package.json')).resolve('axe-core'),
  'utf8',
)

async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const found = await page.evaluate(() =>
    (
      globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
      }
    ).axe.run(),
  )
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
}

test('axe finds nothing serious, wide and narrow, light and dark; nothing is asked outside', async () => {
  for (const [width, scheme] of [
    [1280, 'light'],
    [1280, 'dark'],
    [320, 'light'],
  ] as const) {
    const sight = await look(browser, house.house.url + example, { width })
    await sight.page.emulateMedia({ colorScheme: scheme })
    expect(await faults(sight.page)).toEqual([])
    expect(sight.problems).toEqual([])
    expect(sight.strays.filter((address) => !address.startsWith(house.house.url))).toEqual([])
    const overflow = await sight.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(overflow).toBe(0)
    await sight.close()
  }
})

test('a blind vote, changed later', async () => {
  const { page, problems, close } = await lookSignedIn(browser, house)
  await page.goto(house.house.url + example)
  expect(await page.locator('[data-votes]').textContent()).toBe('–')
  await page.getByRole('link', { name: 'Vote without seeing the names' }).click()
  await page.getByRole('heading', { name: 'Without the names' }).waitFor()
  expect(await page.locator('.cards').textContent()).not.toMatch(/cursor|mistral/i)
  expect(await faults(page)).toEqual([])
  await page.getByRole('button', { name: 'Left' }).click()
  await page.getByRole('heading', { name: /You voted for (Cursor|Mistral)/ }).waitFor()
  await page.getByRole('button', { name: 'Neither' }).click()
  await page.getByRole('heading', { name: 'You voted for neither' }).waitFor()
  expect(await page.getByRole('button', { name: 'Neither' }).getAttribute('aria-pressed')).toBe('true')
  await page.getByRole('link', { name: 'Back to the comparison' }).click()
  expect(await page.locator('[data-votes]').textContent()).toContain('neither 1 of 1 vote')
  expect(problems).toEqual([])
  await close()
})

test('subscribe, confirm, receive, and leave with one click', async () => {
  const { page, close } = await look(browser, house.house.url + example)
  await page.getByLabel('E-mail').fill('reader@example.org')
  await page.getByRole('button', { name: 'Subscribe' }).click()
  await page.getByRole('heading', { name: 'One more step' }).waitFor()
  const letters = () => mail.letters.map(({ body }) => plainBody(body))
  expect(letters()).toHaveLength(1)
  await page.goto(/http:\S+\/confirm/.exec(letters()[0]!)![0])
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.getByRole('heading', { name: 'Subscribed' }).waitFor()
  await house.client.sendDigest({})
  expect(letters()).toHaveLength(2)
  expect(letters()[1]).toContain('Cursor Background Agent or Mistral Small 3.1')
  const head = letters()[1]!
    .split('\r\n\r\n')[0]!
    .replace(/\r\n[ \t]+/g, ' ')
  expect(head).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click')
  await page.goto(/List-Unsubscribe: <([^>]+)>/.exec(head)![1]!)
  await page.getByRole('button', { name: 'Unsubscribe' }).click()
  await page.getByRole('heading', { name: 'Unsubscribed' }).waitFor()
  const { subscriptions } = await house.client.listSubscriptions({})
  expect(subscriptions).toMatchObject([{ address: 'reader@example.org', state: 'ended' }])
  await close()
})
