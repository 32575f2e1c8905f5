// Takes a picture of every screen on example data: `node web/dev/shoot.ts [FOLDER]`, after `npm run build -w web`.
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { serveExample } from './serve.ts'

// A second argument takes only the pictures whose names begin with it.
const folder = process.argv[2] ?? join(import.meta.dirname, '../../docs/screens')
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

interface Shot {
  name: string
  path: string
  /** What must be on the screen before the picture is taken. */
  ready: string
  keys?: string[]
  theme?: 'light' | 'dark' | 'contrast'
  /** Taken without a session. */
  outside?: boolean
}

const task = '/tasks/t-flakylg2'
const shots: Shot[] = [
  { name: 'login', path: '/', ready: '#token', outside: true },
  { name: 'inbox', path: '/', ready: '[role=option]', keys: ['j'] },
  { name: 'inbox-dark', path: '/', ready: '[role=option]', theme: 'dark' },
  { name: 'task', path: task, ready: 'ol li' },
  { name: 'review', path: `${task}/review`, ready: '[data-hunk]', keys: ['a', 'i'] },
  { name: 'review-dark', path: `${task}/review`, ready: '[data-hunk]', keys: ['j'], theme: 'dark' },
  { name: 'review-contrast', path: `${task}/review`, ready: '[data-hunk]', keys: ['j'], theme: 'contrast' },
  { name: 'compare', path: `${task}/compare`, ready: 'section[aria-current]', keys: ['j', 'j', 'j', '1'] },
  { name: 'verdicts', path: '/verdicts', ready: 'main h1' },
  { name: 'contenders', path: '/contenders', ready: 'svg[aria-hidden] circle' },
  { name: 'models', path: '/models', ready: 'main li, main h2' },
  { name: 'new-task', path: '/new', ready: '#prompt' },
  { name: 'settings', path: '/settings', ready: 'main li' },
  { name: 'commands', path: '/', ready: '[role=option]', keys: ['Control+k'] },
]

const sizes = [
  { name: 'wide', width: 1280, height: 720 },
  { name: 'phone', width: 390, height: 844 },
]

mkdirSync(folder, { recursive: true })
const inside = await serveExample()
const outside = await serveExample({ signedIn: false })
const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] })
for (const size of sizes) {
  for (const shot of shots.filter(({ name }) => name.startsWith(process.argv[3] ?? ''))) {
    const context = await browser.newContext({ viewport: size })
    await context.addInitScript((theme) => localStorage.setItem('seatrial.theme', theme), shot.theme ?? 'light')
    const page = await context.newPage()
    await page.goto((shot.outside ? outside : inside).url + shot.path)
    await page.locator(shot.ready).first().waitFor()
    await page.evaluate(() => document.fonts.ready.then(() => {}))
    for (const key of size.name === 'phone' && shot.name !== 'commands' ? [] : (shot.keys ?? [])) {
      await page.keyboard.press(key)
      await page.waitForTimeout(250)
    }
    await page.waitForTimeout(600)
    await page.screenshot({ path: join(folder, `${shot.name}-${size.name}.png`) })
    await context.close()
  }
}
await browser.close()
for (const { server } of [inside, outside]) {
  server.close()
  server.closeAllConnections()
}
