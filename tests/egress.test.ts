// The way out of a trial, through the whole house: a question per unknown host, answers that hold, and a log of it all.
// Hosts are names that cannot exist anywhere (RFC 6761), so that nothing is ever reached, wherever this runs.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ask } from '@seatrial/protocol'
import { afterEach, expect, test } from 'vitest'
import { makeRepo, openTestHouse, removeRepo, scriptedPrompt, type TestHouse } from './house.ts'

let opened: TestHouse | null = null
let repo = ''

afterEach(async () => {
  await opened?.close()
  opened = null
  await removeRepo(repo)
})

async function start(config: string): Promise<TestHouse> {
  opened = await openTestHouse()
  repo = await makeRepo({ 'fetch.mjs': fetchText, 'a.txt': 'a\n' })
  mkdirSync(join(repo, '.seatrial'))
  writeFileSync(join(repo, '.seatrial/config.toml'), config)
  return opened
}

/** Asks the proxy for each address in turn and writes down what it says of it. */
const fetchText = `import { request } from 'node:http'
import { appendFileSync } from 'node:fs'
const [out, ...urls] = process.argv.slice(2)
for (const path of urls) {
  const proxy = new URL(process.env.HTTP_PROXY)
  const answer = await new Promise((resolve, reject) =>
    request({ host: proxy.hostname, port: proxy.port, path, headers: { host: new URL(path).host } }, resolve).on('error', reject).end())
  appendFileSync(out, answer.statusCode + ' ' + Buffer.concat(await answer.toArray()))
}
`
const submit = (house: TestHouse, ...urls: string[]) =>
  house.client
    .submitTask({
      body: {
        project: repo,
        contenders: ['scripted'],
        prompt: scriptedPrompt('Fetch', [
          { do: 'write', path: 'before.txt', text: 'b\n' },
          { do: 'run', command: `node fetch.mjs out.txt ${urls.join(' ')}` },
        ]),
      },
    })
    .then(({ id }) => id)

async function question({ client }: TestHouse, task: string, nth = 0): Promise<Ask> {
  let seen = 0
  for await (const { body } of client.follow({ after: 0, task }))
    if (body.type === 'ask.opened' && seen++ === nth) return body.ask
  throw new Error('The stream ended')
}

const said = async (house: TestHouse, task: string): Promise<string> => {
  const { trials } = await house.client.getTask({ params: { id: task } })
  const query = { path: 'out.txt', trial: trials[0]?.id }
  return (await house.client.getFile({ params: { id: task }, query: { ...query, side: 'candidate' } })).text ?? ''
}
const verdicts = async (house: TestHouse, task: string): Promise<string[]> => {
  const { events } = await house.client.listEvents({ query: { task, limit: 1000 } })
  return events.flatMap(({ body }) =>
    body.type === 'egress.asked' ? [`${body.host}:${body.port} ${body.verdict}`] : [],
  )
}
const answer = ({ client }: TestHouse, { id }: Ask, text: string) =>
  client.answerAsk({ params: { id }, body: { answer: text } })

const once = 'http://once.invalid/'
const always = 'http://always.invalid:8080/'
const never = 'http://never.invalid/'

test('once is for one request; always and never are kept for the project, and a person can take them back', async () => {
  const house = await start('[egress]\nunknown = "ask"\n')
  const task = await submit(house, once, always, never, never, once)
  const first = await question(house, task)
  expect(first).toMatchObject({ kind: 'egress', text: 'Allow a connection to once.invalid?' })
  const wrong = answer(house, first, 'yes')
  await expect(wrong).rejects.toThrow(/takes one of these answers: once, always, never/)
  await answer(house, first, 'once')
  await answer(house, await question(house, task, 1), 'always')
  await answer(house, await question(house, task, 2), 'never')
  // `never` is not asked again, but a host allowed once is.
  await answer(house, await question(house, task, 3), 'once')
  await house.until(task, 'waiting')
  const lines = (await said(house, task)).trim().split('\n')
  expect(lines.map((line) => line.slice(0, 3))).toEqual(['403', '403', '403', '403', '403'])
  expect(lines.map((line) => /has no address/.test(line))).toEqual([true, true, false, false, true])
  expect(await verdicts(house, task)).toEqual([
    'once.invalid:80 asked',
    'once.invalid:80 denied',
    'always.invalid:8080 asked',
    'always.invalid:8080 denied',
    'never.invalid:80 asked',
    'never.invalid:80 denied',
    'never.invalid:80 denied',
    'once.invalid:80 asked',
    'once.invalid:80 denied',
  ])

  const { rules } = await house.client.getEgress({ params: { id: repo } })
  expect(rules).toMatchObject([
    { host: 'always.invalid:8080', verdict: 'always' },
    { host: 'never.invalid', verdict: 'never' },
  ])
  const second = await submit(house, always, never)
  const { asks } = await house.until(second, 'waiting')
  expect(asks).toEqual([])
  expect(await said(house, second)).toMatch(/^403 .*no address.*\n403 .*not allowed/)

  await house.client.setEgress({ params: { id: repo }, body: { host: 'never.invalid', verdict: 'forget' } })
  const third = await submit(house, never)
  await answer(house, await question(house, third), 'once')
  await house.until(third, 'waiting')
})

test('what is said of a host answers everybody in the project who waits for it', async () => {
  const house = await start('[egress]\nunknown = "ask"\n')
  const tasks = [await submit(house, always), await submit(house, always)]
  for (const task of tasks) await question(house, task)
  const rule = { host: '*.invalid:8080', verdict: 'always' as const }
  await house.client.setEgress({ params: { id: repo }, body: rule })
  for (const task of tasks) {
    await house.until(task, 'waiting')
    expect(await said(house, task)).toMatch(/no address/)
  }
})

test('a question goes with the trial that asked it', async () => {
  const house = await start('[egress]\nunknown = "ask"\n')
  const task = await submit(house, once)
  const { id } = await question(house, task)
  await house.client.cancelTask({ params: { id: task } })
  const { asks } = await house.until(task, 'cancelled')
  expect(asks).toMatchObject([{ id, answer: 'cancelled' }])
  const { tasks } = await house.client.listTasks({ query: { inbox: 'true' } })
  expect(tasks).toEqual([])
})

test('a question whose agent ended is withdrawn, and the inbox asks no one', async () => {
  const house = await start('[egress]\nunknown = "ask"\n')
  const { id: task } = await house.client.submitTask({
    body: {
      project: repo,
      contenders: ['scripted'],
      prompt: scriptedPrompt('Fetch and go', [
        { do: 'write', path: 'b.txt', text: 'b\n' },
        {
          do: 'run',
          command: `(node fetch.mjs out.txt ${once} > /dev/null 2>&1 &) ; while [ ! -e ~/go ]; do sleep 0.1; done`,
        },
      ]),
    },
  })
  const asked = await question(house, task)
  writeFileSync(join(house.dataDir, 'trials', asked.trialId ?? '', 'home', 'go'), '')
  const { asks } = await house.until(task, 'waiting')
  expect(asks).toMatchObject([{ id: asked.id, answer: 'withdrawn' }])
  await expect(answer(house, asked, 'once')).rejects.toThrow(/already answered: withdrawn/)
})

test('a host that is no host, and a preset that does not exist, are refused before anything runs', async () => {
  const house = await start('[egress]\nallow = ["https://api.example.org"]\n')
  await expect(submit(house, once)).rejects.toThrow('"https://api.example.org" is no host')
  writeFileSync(join(repo, '.seatrial/config.toml'), '[egress]\npresets = ["nmp"]\n')
  await expect(submit(house, once)).rejects.toThrow(/there is no "nmp", but npm, pypi/)
  writeFileSync(join(repo, '.seatrial/config.toml'), '')
  const body = { host: 'a b', verdict: 'always' as const }
  await expect(house.client.setEgress({ params: { id: repo }, body })).rejects.toThrow('"a b" is no host')
})
