// Status cannot lie: a dead agent, a silent agent and a busy one each show as what they are.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { agentsOf, makeRepo, openTestHouse, removeRepo, scriptedPrompt, type TestHouse } from './house.ts'

let opened: TestHouse | null = null
let repo = ''

afterEach(async () => {
  await opened?.close()
  opened = null
  await removeRepo(repo)
})

async function start(
  steps: object[],
  limits = '',
): Promise<{ house: TestHouse; task: string; home(): Promise<string> }> {
  const house = await openTestHouse()
  opened = house
  repo = await makeRepo({ 'a.txt': 'a\n' })
  mkdirSync(join(repo, '.seatrial'))
  writeFileSync(join(repo, '.seatrial/config.toml'), limits)
  const { id: task } = await house.client.submitTask({
    body: { project: repo, contenders: ['scripted'], prompt: scriptedPrompt('Work', steps) },
  })
  const home = async () => {
    const { trials } = await house.client.getTask({ params: { id: task } })
    return join(house.dataDir, 'trials', trials[0]?.id ?? '', 'home')
  }
  return { house, task, home }
}

const seen = async ({ client }: TestHouse, task: string, type: string): Promise<void> => {
  for await (const { body } of client.follow({ after: 0, task })) if (body.type === type) return
}

test('an agent process that is gone is shown within seconds', async () => {
  const { house, task } = await start([
    { do: 'write', path: 'b.txt', text: 'b\n' },
    { do: 'wait', file: '~/never' },
  ])
  await seen(house, task, 'checkpoint.made')
  expect((await house.client.getTask({ params: { id: task } })).alive).toBe(true)
  const [agent] = agentsOf([house.dataDir])
  const killed = performance.now()
  process.kill(agent as number, 'SIGKILL')
  const failed = await house.until(task, 'failed')
  expect(performance.now() - killed).toBeLessThan(10_000)
  expect(failed.alive).toBe(false)
  expect(failed.note).toMatch(/killed by SIGKILL|exited with code/)
})

test('an agent without any sign of work is asked about once, and stopped when a person says so', async () => {
  const { house, task } = await start([{ do: 'hang' }], '[limits]\nquietMinutes = 0.03\n')
  await seen(house, task, 'ask.opened')
  const { asks, state } = await house.client.getTask({ params: { id: task } })
  expect(state).toBe('working')
  expect(asks).toMatchObject([{ kind: 'stuck', answer: null, options: ['go on', 'stop it'] }])
  await house.client.answerAsk({ params: { id: asks[0]?.id ?? '' }, body: { answer: 'stop it' } })
  await house.until(task, 'failed')
})

test('a running tool is not idleness, however quiet it is', async () => {
  const { house, task, home } = await start(
    [{ do: 'run', command: 'while [ ! -e ~/go ]; do sleep 0.2; done; echo x > x.txt' }],
    '[limits]\nquietMinutes = 0.01\n',
  )
  await seen(house, task, 'agent.used-tool')
  // Many times the limit, in which nothing but the passing of time can be awaited.
  await new Promise((resolve) => setTimeout(resolve, 4_000))
  expect((await house.client.getTask({ params: { id: task } })).asks).toEqual([])
  writeFileSync(join(await home(), 'go'), '')
  const { asks } = await house.until(task, 'waiting')
  expect(asks).toEqual([])
  expect(existsSync(join(repo, 'x.txt'))).toBe(false)
})
