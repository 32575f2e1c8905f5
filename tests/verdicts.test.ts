// Verdicts through the whole house: the built-in example, runs that become verdicts, votes, explanations, the digest.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestHouse, type TestHouse } from './house.ts'

let house: TestHouse

beforeAll(async () => {
  house = await openTestHouse()
})
afterAll(async () => {
  await house.close()
})

const example = 'cursor-background-agent-vs-mistral-small-3-1'

test('the built-in example is there on first start and holds what was asked for', async () => {
  const view = await house.client.getComparison({ params: { slug: example } })
  expect(view.estimate.label).toBe('too-early')
  expect(view.estimate.opinion).toBe(true)
  const page = await fetch(`${house.house.url}/compare/${example}`)
  expect(page.status).toBe(200)
  if (process.env.SHOOT) {
    const { writeFileSync } = await import('node:fs')
    const { openBrowser } = await import('./browser/page.ts')
    writeFileSync('/tmp/og.png', Buffer.from(await (await fetch(`${house.house.url}/compare/${example}/og.png`)).arrayBuffer()))
    const browser = await openBrowser()
    for (const [name, width] of [['wide', 1280], ['phone', 375]] as const) {
      const tab = await browser.newPage({ viewport: { width, height: 800 } })
      tab.on('console', (m) => console.log(m.text()))
      await tab.goto(`${house.house.url}/compare/${example}`)
      await tab.screenshot({ path: `/tmp/compare-${name}.png`, fullPage: true })
    }
    await browser.close()
  }
})
