// The host against the scripted agent: everything an agent may do, in real processes.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseContender } from '@seatrial/protocol'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openAgents } from './agents.ts'
import { hostLimits } from './host.ts'
import { makeStage, places, type Stage } from './test-stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await makeStage({ readOnly: await agents.agentMounts('scripted') })
})
afterEach(() => stage.clean())

const agents = openAgents({
  ...places,
  limits: { ...hostLimits, silenceMs: 1200, cancelMs: 500, maxLineBytes: 1 << 20 },
})
const script = (...steps: object[]): string => `Do it.\n\`\`\`script\n${JSON.stringify({ steps })}\n\`\`\``
const play = (...steps: object[]) => agents.runAgent(stage.turn('scripted', script(...steps)))

test('an edit ends as finished, with its events in order and a step for what changed the tree', async () => {
  const outcome = await play(
    { do: 'say', text: 'Editing.' },
    { do: 'edit', path: 'a.txt', old: 'one', new: 'two' },
    { do: 'run', command: 'echo hello; echo three >> a.txt' },
    { do: 'say', text: 'All done.' },
  )
  expect(outcome).toMatchObject({ kind: 'finished', summary: 'All done.' })
  expect(readFileSync(join(stage.tree, 'a.txt'), 'utf8')).toBe('two\nthree\n')
  expect(stage.steps).toEqual(['Edit a.txt', 'echo hello; echo three >> a.txt'])
  expect(outcome.sessionId).toBe(stage.sessions[0])
  const types = stage.events.map((event) => event.type)
  expect(types[0]).toBe('agent.started')
  expect(types.indexOf('agent.said')).toBeLessThan(types.indexOf('agent.used-tool'))
  expect(types.at(-1)).toBe('agent.stopped')
  const last = stage.events.findLast((event) => event.type === 'agent.used-tool')
  expect(last?.call).toMatchObject({ status: 'completed', kind: 'execute', output: 'hello' })
})

test('a call announced by a permission request is one call, and permission is given', async () => {
  await play({ do: 'ask', title: 'Delete everything' })
  const calls = stage.events.flatMap((event) => (event.type === 'agent.used-tool' ? [event.call] : []))
  expect(new Set(calls.map((call) => call.callId)).size).toBe(1)
  expect(calls.at(-1)).toMatchObject({ title: 'Delete everything', kind: 'execute', status: 'completed' })
})

test('an unknown request gets method not found and the turn goes on', async () => {
  const outcome = await play({ do: 'request', method: 'craft/drainMidTurnQueue' }, { do: 'say', text: ' on' })
  expect(stage.said()).toContain('-32601')
  expect(outcome.kind).toBe('finished')
})

describe('what goes wrong is an outcome, never an exception', () => {
  test('exit in the middle', async () => {
    const outcome = await play({ do: 'say', text: 'so far' }, { do: 'exit', code: 3 })
    expect(outcome).toMatchObject({ kind: 'crashed', summary: 'so far' })
    expect(outcome.sentence).toContain('exited with code 3')
    expect(outcome.sessionId).toBe(stage.sessions[0])
  })

  test('killed', async () => {
    const outcome = await play({ do: 'crash' })
    expect(outcome.sentence).toContain('killed by SIGKILL')
  })

  test('garbage between frames is left out', async () => {
    const outcome = await play(
      { do: 'garbage', text: 'npm warn old lockfile\n{"half": \n[1,2]\n\u001b[31mred\n{"jsonrpc":"1.0"}\n' },
      { do: 'say', text: 'fine' },
    )
    expect(outcome).toMatchObject({ kind: 'finished', summary: 'fine' })
  })

  test('silence without work counts as hung', async () => {
    const outcome = await play({ do: 'say', text: 'hm' }, { do: 'hang' })
    expect(outcome).toMatchObject({ kind: 'hung', summary: 'hm' })
  })

  test('a silent agent that uses the CPU, or runs a tool, is not hung', async () => {
    const busy = { do: 'run', command: 'sleep 2.5' }
    expect((await play(busy)).kind).toBe('finished')
    const spinning = new AbortController()
    const turn = stage.turn('scripted', script({ do: 'hang', busy: true }), { signal: spinning.signal })
    const first = await Promise.race([agents.runAgent(turn), new Promise((done) => setTimeout(done, 2500, 'working'))])
    spinning.abort()
    expect(first).toBe('working')
  })

  test('a flood of each kind is bounded and does not end the turn', async () => {
    for (const [as, bytes] of Object.entries({
      speech: 5_000_000,
      noise: 2_000_000,
      tools: 1_000_000,
      line: 2_000_000,
    })) {
      const outcome = await play({ do: 'flood', bytes, as }, { do: 'say', text: 'after' })
      expect(outcome, as).toMatchObject({ kind: 'finished' })
    }
    const size = JSON.stringify(stage.events).length
    expect(size).toBeLessThan(40_000_000)
    expect(stage.said().length).toBeLessThan(4_100_000)
    expect(stage.events.every((event) => event.type !== 'agent.said' || event.text.length <= 4096)).toBe(true)
  })

  test('nothing edited is still finished', async () => {
    expect(await play({ do: 'say', text: 'Nothing to do.' })).toMatchObject({ kind: 'finished' })
    expect(stage.steps).toEqual([])
  })

  test('a program that does not speak ACP', async () => {
    const strict = openAgents({ ...places, nodeBinary: '/bin/false', limits: { startMs: 1000 } })
    const outcome = await strict.runAgent(stage.turn('scripted', 'x'))
    expect(outcome.kind).toBe('not_ready')
  })

  test('a program that only prints', async () => {
    const chatter = join(stage.home, 'chatter')
    writeFileSync(
      chatter,
      '#!/bin/sh\n[ "$1" = --version ] && echo v24.0.0 && exit\nwhile :; do echo ahoy; sleep 0.1; done\n',
    )
    chmodSync(chatter, 0o755)
    const plain = await makeStage({ readOnly: [], level: 'off' })
    onTestFinished(() => plain.clean())
    const deaf = openAgents({ ...places, nodeBinary: chatter, limits: { startMs: 800, quitMs: 100 } })
    const outcome = await deaf.runAgent(plain.turn('scripted', 'x'))
    expect(outcome.kind).toBe('hung')
    expect(outcome.sentence).toMatch(/opened no session within 800 ms and printed \d+ lines that are not ACP.*ahoy/)
  })

  test('an agent that is not installed, or has no model', async () => {
    const bare = openAgents({ ...places, agentsDir: join(stage.home, 'none') })
    const missing = await bare.runAgent(stage.turn('opencode+m', 'x'))
    expect(missing).toMatchObject({ kind: 'not_ready' })
    expect(missing.sentence).toContain('seatrial agents install opencode')
    const dumb = await agents.runAgent(stage.turn('seatrial', 'x'))
    expect(dumb.sentence).toContain('seatrial+MODEL')
  })
})

test('a throwing callback of the house is passed on, and the agent is gone by then', async () => {
  const turn = stage.turn('scripted', script({ do: 'say', text: 'x' }, { do: 'wait', file: 'never' }), {
    onEvent: (body) => {
      if (body.type === 'agent.said') throw new Error('fenced out')
    },
  })
  await expect(agents.runAgent(turn)).rejects.toThrow('fenced out')
})

test('an agent waits while the house takes its events', async () => {
  const gate = Promise.withResolvers<void>()
  let taken = 0
  const flood = script({ do: 'flood', bytes: 2_000_000, as: 'tools' }, { do: 'write', path: 'after', text: 'x' })
  const turn = stage.turn('scripted', flood, {
    onEvent: async () => {
      taken += 1
      if (taken === 20) await gate.promise
    },
  })
  const ended = agents.runAgent(turn)
  await expect.poll(() => taken).toBe(20)
  await new Promise((resolve) => setTimeout(resolve, 700))
  expect(existsSync(join(stage.tree, 'after'))).toBe(false)
  gate.resolve()
  expect((await ended).kind).toBe('finished')
  expect(existsSync(join(stage.tree, 'after'))).toBe(true)
})

test('the refactor agent runs in the same sandbox, without a model', async () => {
  const files = {
    'tsconfig.json': '{}',
    'a.ts': 'export const harbour = 1\n',
    'b.ts': "import { harbour } from './a.ts'\nharbour\n",
  }
  for (const [path, text] of Object.entries(files)) writeFileSync(join(stage.tree, path), text)
  execFileSync('chmod', ['-R', 'a+rwX', stage.tree])
  const outcome = await agents.runAgent(stage.turn('refactor', 'rename harbour to port'))
  expect(outcome, stage.said()).toMatchObject({ kind: 'finished' })
  expect(readFileSync(join(stage.tree, 'b.ts'), 'utf8')).toContain('port')
})

test('nothing that the agent left behind outlives its turn', async () => {
  const seconds = 100_000 + process.pid
  const commandOf = (pid: string): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    } catch {
      return ''
    }
  }
  const running = () => readdirSync('/proc').some((pid) => commandOf(pid).includes(`sleep\0${seconds}`))
  let seen = false
  const leave = script({ do: 'run', command: `setsid sleep ${seconds} > /dev/null 2>&1 & sleep 0.2` })
  const turn = stage.turn('scripted', leave, {
    onStep: () => {
      seen = running()
    },
  })
  await agents.runAgent(turn)
  expect(seen).toBe(true)
  expect(running()).toBe(false)
})

test('cancel stops a polite agent, and one that does not listen', async () => {
  for (const step of [
    { do: 'sleep', ms: 60_000 },
    { do: 'hang', busy: true },
  ]) {
    const cancel = new AbortController()
    const turn = stage.turn('scripted', script({ do: 'say', text: 'go' }, { do: 'run', command: 'true' }, step), {
      signal: cancel.signal,
      onStep: () => cancel.abort(),
    })
    expect(await agents.runAgent(turn)).toMatchObject({ kind: 'cancelled' })
  }
})

test('a crashed session is loaded and goes on where it was', async () => {
  const steps = [
    { do: 'run', command: 'echo once >> log.txt' },
    { do: 'crash' },
    { do: 'run', command: 'echo twice >> log.txt' },
  ]
  const first = await play(...steps)
  expect(first.kind).toBe('crashed')
  const second = await agents.runAgent(stage.turn('scripted', script(...steps), { sessionId: first.sessionId }))
  expect(second).toMatchObject({ kind: 'finished', sessionId: first.sessionId })
  expect(readFileSync(join(stage.tree, 'log.txt'), 'utf8')).toBe('once\ntwice\n')
})

test('a session that is gone becomes a new one', async () => {
  const turn = stage.turn('scripted', script({ do: 'say', text: 'hi' }), { sessionId: 'scripted-lost' })
  const outcome = await agents.runAgent(turn)
  expect(outcome.kind).toBe('finished')
  expect(outcome.sessionId).not.toBe('scripted-lost')
})

test('messages sent meanwhile become further turns of the same session', async () => {
  const mail = ['also this', null]
  const turn = stage.turn('scripted', script({ do: 'say', text: 'first' }), {
    nextMessage: async () => mail.shift() ?? null,
  })
  const outcome = await agents.runAgent(turn)
  expect(outcome.summary).toContain('nothing to play')
  expect(stage.events.filter((event) => event.type === 'agent.stopped')).toHaveLength(2)
})

test('a script may come from a file, wait for a file, skip what was done, and answer messages', async () => {
  const scriptFile = {
    steps: [
      { do: 'write', path: 'done.txt', text: 'x' },
      { do: 'crash', unless: 'done.txt' },
      { do: 'wait', file: 'go' },
      { do: 'say', text: 'went' },
    ],
    messages: [[{ do: 'say', text: ' and heard' }]],
  }
  writeFileSync(join(stage.home, 'script.json'), JSON.stringify(scriptFile))
  const mail = ['you there?', null]
  const turn = stage.turn('scripted', 'play', {
    contender: { ...parseContender('scripted'), settings: { script: '/home/trial/script.json' } },
    onStep: () => writeFileSync(join(stage.tree, 'go'), ''),
    nextMessage: async () => mail.shift() ?? null,
  })
  expect((await agents.runAgent(turn)).kind).toBe('finished')
  expect(stage.said()).toBe('went and heard')
})

test('images reach an agent that sees', async () => {
  const images = [{ name: 'x.png', mediaType: 'image/png' as const, data: 'aGk=' }]
  const show = script({ do: 'say', text: 'images: {{images}}' })
  await agents.runAgent(stage.turn('scripted', show, { images }))
  expect(stage.said()).toContain('images: 1')
  stage.events.length = 0
  const gateway = { baseUrl: 'http://127.0.0.1:1', token: 't', model: 'm', seesImages: false }
  await agents.runAgent(stage.turn('scripted', show, { images, gateway }))
  expect(stage.said()).toContain('images: 0')
})

test('terminal escapes and direction marks of an agent are taken out', async () => {
  await play({ do: 'say', text: 'a\u001b[31mb\u001b]8;;http://x\u0007c\u202e\u0000d' })
  expect(stage.said()).toBe('abcd')
})

test('config files never follow what an earlier turn left in HOME', async () => {
  const outside = join(stage.tree, 'outside')
  mkdirSync(outside)
  symlinkSync(outside, join(stage.home, '.gemini'))
  writeFileSync(join(outside, 'settings.json'), 'mine')
  const { writeInHome } = await import('./home.ts')
  await writeInHome(stage.home, '.gemini/settings.json', 'theirs', null)
  expect(readFileSync(join(outside, 'settings.json'), 'utf8')).toBe('mine')
  expect(readFileSync(join(stage.home, '.gemini/settings.json'), 'utf8')).toBe('theirs')
})

test('every entry of the catalog is listed with what to do when it is not ready', async () => {
  const bare = openAgents({ ...places, agentsDir: join(stage.home, 'none'), path: '' })
  const cards = await bare.listAgents()
  expect(cards.map((card) => card.id)).toEqual(
    expect.arrayContaining(['seatrial', 'refactor', 'opencode', 'codex', 'gemini', 'pi', 'claude', 'scripted']),
  )
  for (const card of cards) expect(card.ready, card.id).toBe(card.missing === null)
  expect(cards.find((card) => card.id === 'scripted')?.ready).toBe(true)
  expect(cards.find((card) => card.id === 'claude')?.missing).toContain('npm install -g')
  await expect(bare.installAgent('claude')).rejects.toThrow('Install Claude Code yourself')
  expect(existsSync(join(stage.home, 'none'))).toBe(false)
})
