// A real Chromium on a house of one's own. Fails a story when the page logged an error or broke its security policy.
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { TestHouse } from '../house.ts'

/** Debian's Chromium; a browser is never downloaded. */
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

export async function openBrowser(): Promise<Browser> {
  if (!executablePath) throw new Error('The browser stories need Chromium; install it with `apt-get install chromium`.')
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

export interface Sight {
  page: Page
  /** Errors of the page so far: exceptions, console errors, refused resources. */
  problems: string[]
  /** Addresses asked outside the house. */
  strays: string[]
  close(): Promise<void>
}

export type Theme = 'light' | 'dark' | 'contrast'

/** A page of its own browser profile at `path`, not signed in. */
export async function look(
  browser: Browser,
  url: string,
  options: { width?: number; height?: number; theme?: Theme } = {},
): Promise<Sight> {
  const { width = 1280, height = 720, theme = 'light' } = options
  const context = await browser.newContext({ viewport: { width, height } })
  await context.addInitScript((name) => localStorage.setItem('seatrial.theme', name), theme)
  const page = await context.newPage()
  const problems: string[] = []
  const strays: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    // The first question of who is signed in is answered with 401, and pages ask for what may not exist yet.
    if (message.type() === 'error' && !/status of (401|404|409)/.test(message.text())) {
      problems.push(`${message.text()} ${message.location().url}`)
    }
  })
  page.on('request', (request) => {
    const address = request.url()
    if (!address.startsWith(url) && !/^(data|blob):/.test(address)) strays.push(address)
  })
  await page.goto(url)
  return { page, problems, strays, close: () => context.close() }
}

/** Signs in with the first-run token, as a person would. */
export async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Access token').fill(token)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Inbox' }).waitFor()
}

export async function lookSignedIn(
  browser: Browser,
  house: TestHouse,
  options: { width?: number; height?: number; theme?: Theme } = {},
): Promise<Sight> {
  const sight = await look(browser, house.house.url, options)
  await signIn(sight.page, house.house.token)
  return sight
}

/** Pastes a real PNG into whatever listens. */
export async function pastePicture(page: Page, name: string, base64: string): Promise<void> {
  await page.evaluate(
    ([fileName, data]) => {
      const bytes = Uint8Array.from(atob(data!), (character) => character.charCodeAt(0))
      const clipboardData = new DataTransfer()
      clipboardData.items.add(new File([bytes], fileName!, { type: 'image/png' }))
      document.activeElement?.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
      )
    },
    [name, base64],
  )
}
