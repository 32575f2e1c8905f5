// The agent as a process, driven over ACP against the scripted model.
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import type { ScriptInput } from '../scripted/model.ts'
import { startScriptedModel } from '../scripted/model.ts'
import { type Driven, drive, makeFolder } from './drive.ts'
import { unlikeSchema } from './schema-check.ts'

type Steps = NonNullable<ScriptInput['rules'][number]['steps']>

const seen: Driven[] = []

async function start(
  steps: Steps,
  options: { files?: Record<string, string>; env?: Record<string, string>; rules?: ScriptInput['rules'] } = {},
) {
  const cwd = makeFolder(options.files ?? { 'a.txt': 'one\ntwo\n' })
  const home = makeFolder()
  const model = await startScriptedModel({ script: { rules: options.rules ?? [{ steps }] } })
  const drivenOnes: Driven[] = []
  const again = (): Driven => {
    const driven = drive({ cwd, home, url: model.url, ...(options.env ? { env: options.env } : {}) })
    drivenOnes.push(driven)
    seen.push(driven)
    return driven
  }
  onTestFinished(async () => {
    for (const driven of drivenOnes) {
      await driven.kill()
    }
    await model.close()
    for (const dir of [cwd, home]) rmSync(dir, { recursive: true, force: true })
  })
  return { cwd, home, model, again, agent: again() }
}

const text = (dir: string, path: string): string => readFileSync(join(dir, path), 'utf8')

// Every frame of every test is one that the protocol's own schema allows.
afterEach(() => {
  for (const { frames, answers } of seen.splice(0)) expect(unlikeSchema(frames, answers)).toEqual([])
})

test('the schema check finds what is wrong', () => {
  const update = (body: object) => ({
    jsonrpc: '2.0',
    method: 'session/update',
    params: { sessionId: 's', update: body },
  })
  const bad = [
    update({ sessionUpdate: 'nonsense' }),
    update({ sessionUpdate: 'tool_call', title: 'no id' }),
    update({ sessionUpdate: 'usage_update', used: 'many', size: 1 }),
    { jsonrpc: '2.0', method: 'session/made_up', params: {} },
    { id: 1, result: {} },
  ]
  expect(unlikeSchema(bad, [])).toHaveLength(bad.length)
  expect(unlikeSchema([], [{ method: 'session/prompt', result: { stopReason: 'tired' } }])).toHaveLength(1)
})

test('reads, edits, patches, writes, searches and runs, and says so', async () => {
  const { agent, cwd, model } = await start([
    {
      text: 'Look.',
      calls: [
        { tool: 'read', path: 'a.txt' },
        { tool: 'search', pattern: 'tw.' },
      ],
    },
    { text: 'Edit.', calls: [{ tool: 'edit', path: 'a.txt', old: 'one', new: 'uno' }] },
    { calls: [{ tool: 'write', path: 'deep/b.txt', text: 'b\n' }] },
    {
      calls: [
        {
          name: 'apply_patch',
          args: { patch: '*** Begin Patch\n*** Update File: a.txt\n@@\n-two\n+dos\n*** End Patch' },
        },
      ],
    },
    { calls: [{ tool: 'bash', command: 'cat a.txt; exit 3' }] },
    { text: 'Done.' },
  ])
  const sessionId = await agent.open()
  const { result } = await agent.prompt(sessionId, 'go')
  expect(result).toEqual({ stopReason: 'end_turn' })
  expect(text(cwd, 'a.txt')).toBe('uno\ndos\n')
  expect(text(cwd, 'deep/b.txt')).toBe('b\n')
  expect(agent.said()).toContain('Done.')
  const ends = agent.updates('tool_call_update').filter((update) => update.status)
  expect(ends.map((update) => update.status)).toEqual([
    'completed',
    'completed',
    'completed',
    'completed',
    'completed',
    'failed',
  ])
  expect(ends.at(-1)?.content[0].content.text).toContain('uno\ndos\n(exit 3)')
  expect(ends[1]?.content[0].content.text).toContain('a.txt:2:two')
  expect(agent.updates('usage_update').at(-1)).toMatchObject({ size: 128_000 })
  expect(model.requests.at(-1)?.toolResults).toBe(6)
})

test('stays under 120 MB resident', async () => {
  const steps: Steps = Array.from({ length: 25 }, (_, step) => ({ calls: [{ tool: 'bash', command: `echo ${step}` }] }))
  const { agent } = await start([...steps, { text: 'Done.' }])
  await agent.prompt(await agent.open(), 'go')
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${agent.child.pid}/status`, 'utf8'))?.[1]
  expect(Number(kib) / 1024).toBeLessThan(120)
})

test('a path that leads out is refused, also through a symlink, and git is not written to', async () => {
  const { agent, cwd } = await start([
    { calls: [{ name: 'read', args: { path: '../../etc/passwd' } }] },
    { calls: [{ name: 'write', args: { path: 'link/x.txt', text: 'x' } }] },
    { calls: [{ name: 'write', args: { path: '.git/hooks/pre-commit', text: 'x' } }] },
    { calls: [{ name: 'edit', args: { path: '/etc/hostname', old: 'a', new: 'b' } }] },
    { calls: [{ name: 'search', args: { pattern: 'root', path: '/etc' } }] },
    { text: 'Done.' },
  ])
  const outside = makeFolder()
  symlinkSync(outside, join(cwd, 'link'))
  await agent.prompt(await agent.open(), 'go')
  const ends = agent.updates('tool_call_update').filter((update) => update.status)
  expect(ends.map((update) => update.status)).toEqual(Array(5).fill('failed'))
  expect(ends[0]?.content[0].content.text).toContain('outside the working directory')
  rmSync(outside, { recursive: true })
})

describe('a model that misbehaves', () => {
  test.each([
    ['429 with retry-after', { kind: 'status', status: 429, retryAfterSeconds: 0.01 }],
    ['500 twice', { kind: 'status', status: 500, times: 2 }],
    ['a dropped socket', { kind: 'drop' }],
    ['a stream that ends early', { kind: 'eof' }],
    ['a trailing comma in arguments', { kind: 'badjson', times: 1 }],
  ] as const)('%s does not end the turn', async (_, fault) => {
    const { agent, cwd } = await start([
      { text: 'Editing the file now.', calls: [{ tool: 'edit', path: 'a.txt', old: 'one', new: 'uno' }], fault },
      { text: 'Done.' },
    ])
    const { result } = await agent.prompt(await agent.open(), 'go')
    expect(result?.stopReason).toBe('end_turn')
    expect(text(cwd, 'a.txt')).toContain('uno')
  })

  test('401 ends the turn with a sentence', async () => {
    const { agent } = await start([{ text: 'x', fault: { kind: 'status', status: 401, times: 99 } }])
    const { error } = await agent.prompt(await agent.open(), 'go')
    expect(error.message).toContain('The model does not answer: 401')
  })

  test('wrong arguments and unknown tools are told to it', async () => {
    const { agent, model } = await start([
      {
        calls: [
          { name: 'read', args: { nothing: 1 } },
          { name: 'teleport', args: {} },
        ],
      },
      { text: 'Done.' },
    ])
    const { result } = await agent.prompt(await agent.open(), 'go')
    expect(result.stopReason).toBe('end_turn')
    const told = JSON.stringify(model.requests.at(-1)?.body)
    expect(told).toContain('teleport')
    expect(agent.updates('tool_call_update').filter((update) => update.status === 'failed')).toHaveLength(2)
  })

  test('the same call without end is stopped', async () => {
    const { agent, model } = await start([{ calls: [{ tool: 'read', path: 'a.txt' }] }])
    const { result } = await agent.prompt(await agent.open(), 'go')
    expect(result.stopReason).toBe('max_turn_requests')
    expect(model.requests).toHaveLength(6)
    expect(agent.said()).toContain('Stopped: read was called 6 times')
  })

  test('an empty answer is asked about once', async () => {
    const { agent, model } = await start([], { rules: [{ times: 1, text: '' }, { text: 'Done.' }] })
    const { result } = await agent.prompt(await agent.open(), 'go')
    expect(result.stopReason).toBe('end_turn')
    expect(model.requests.at(-1)?.lastUser).toContain('You answered nothing')
  })
})

test('cancel kills a running command at once, and the session goes on without the call', async () => {
  const { agent, cwd, model } = await start([{ calls: [{ tool: 'bash', command: 'sleep 600 & echo $! > pid; wait' }] }])
  const sessionId = await agent.open()
  const answer = agent.prompt(sessionId, 'go')
  await agent.until((frame) => frame.params?.update?.status === 'in_progress')
  await expect.poll(() => execFileSync('ls', [cwd], { encoding: 'utf8' })).toContain('pid')
  agent.notify('session/cancel', { sessionId })
  expect((await answer).result).toEqual({ stopReason: 'cancelled' })
  await expect.poll(() => alive(Number(text(cwd, 'pid')))).toBe(false)
  const calls = () => JSON.stringify(model.requests.at(-1)?.body)
  agent.prompt(sessionId, 'what now?').catch(() => undefined)
  await expect.poll(calls).toContain('what now?')
  expect(calls()).not.toContain('tool_calls')
})

test('a command that leaves something in the background ends, and one that never ends is killed', async () => {
  const { agent } = await start([
    { calls: [{ tool: 'bash', command: 'sleep 600 & echo $! > pid; echo started' }] },
    { calls: [{ name: 'bash', args: { command: 'echo begun; sleep 600', timeoutSeconds: 0.5 } }] },
    { calls: [{ tool: 'bash', command: 'yes | head -c 3000000; kill $(cat pid)' }] },
    { text: 'Done.' },
  ])
  const { result } = await agent.prompt(await agent.open(), 'go')
  expect(result.stopReason).toBe('end_turn')
  const outputs = agent
    .updates('tool_call_update')
    .filter((update) => update.status)
    .map((u) => u.content[0].content.text)
  expect(outputs[0]).toBe('started')
  expect(outputs[1]).toBe('begun\n(killed after 0.5 seconds)')
  expect(outputs[2]?.length).toBeLessThan(40_000)
})

test('after a kill in the middle of a call, the session is loaded without the call and goes on', async () => {
  const { agent, again, model, cwd } = await start([
    { text: 'First.', calls: [{ tool: 'edit', path: 'a.txt', old: 'one', new: 'uno' }] },
    { text: 'Second.', calls: [{ tool: 'bash', command: 'test -f pid || { sleep 600 & echo $! > pid; wait; }' }] },
    { text: 'All done.' },
  ])
  const sessionId = await agent.open()
  agent.prompt(sessionId, 'the task').catch(() => undefined)
  await expect.poll(() => execFileSync('ls', [cwd], { encoding: 'utf8' })).toContain('pid')
  await agent.kill()
  process.kill(Number(text(cwd, 'pid')))

  const next = again()
  await next.request('initialize', { protocolVersion: 1 })
  const loaded = await next.request('session/load', { sessionId, cwd, mcpServers: [] })
  expect(loaded.error).toBeUndefined()
  expect(next.updates('user_message_chunk')[0]?.content.text).toBe('the task')
  const { result } = await next.prompt(sessionId, 'the task')
  expect(result.stopReason).toBe('end_turn')
  expect(next.said()).toContain('All done.')
  expect(model.requests.at(-1)?.lastUser).toContain('You were interrupted')
  const unknown = await next.request('session/load', { sessionId: 'nobody', cwd, mcpServers: [] })
  expect(unknown.error.code).toBe(-32002)
})

test('a long session is folded into a ledger, and the task stays', async () => {
  const steps: Steps = Array.from({ length: 40 }, (_, step) => ({
    text: `Step ${step}.`,
    calls: [{ tool: 'bash', command: `echo line-${step}; yes filler-${step} | head -c 3000` }],
  }))
  // Counted by tool results the script would start over after the fold; the ledger keeps the model from doing that too.
  const rules: ScriptInput['rules'] = steps.map((step) => ({ times: 1, ...step }))
  const { agent, model } = await start([], {
    env: { AGENT_CONTEXT_TOKENS: '12000' },
    rules: [...rules, { text: 'Done.' }],
  })
  const { result } = await agent.prompt(await agent.open(), 'THE-TASK: many steps')
  expect(result.stopReason).toBe('end_turn')
  expect(model.requests).toHaveLength(41)
  const last = JSON.stringify(model.requests.at(-1)?.body)
  expect(last).toContain('THE-TASK')
  expect(last).toContain('What you did so far')
  expect(last).toContain('echo line-0')
  expect(last.length).toBeLessThan(60_000)
})

test('an image goes to the model, and again after a restart', async () => {
  const { agent, again, model, cwd } = await start([{ text: 'I see.' }])
  const sessionId = await agent.open()
  await agent.prompt(sessionId, 'look', [{ type: 'image', mimeType: 'image/png', data: 'iVBORw0KGgo=' }])
  expect(model.requests[0]?.images).toBe(1)
  await agent.kill()
  const next = again()
  await next.request('session/load', { sessionId, cwd, mcpServers: [] })
  await next.prompt(sessionId, 'and now?')
  expect(model.requests.at(-1)?.images).toBe(1)
})

test('rules of the repository are read, once each, and none from outside', async () => {
  const files = {
    'AGENTS.md': 'Use tabs here.',
    'CLAUDE.md': 'Use tabs here.',
    '.cursor/rules/always.mdc': '---\nalwaysApply: true\n---\nNever use var.',
    '.cursor/rules/css.mdc': '---\nglobs: "*.css"\ndescription: Style sheets\n---\nSecret of css.',
  }
  const { agent, model, cwd } = await start([{ text: 'ok' }], { files })
  const outside = makeFolder({ secret: 'the harbour code' })
  symlinkSync(join(outside, 'secret'), join(cwd, 'GEMINI.md'))
  await agent.prompt(await agent.open(), 'go')
  const system = JSON.stringify(model.requests[0]?.body)
  expect(system.split('Use tabs here.')).toHaveLength(2)
  expect(system).toContain('Never use var.')
  expect(system).toContain('.cursor/rules/css.mdc')
  expect(system).not.toContain('Secret of css.')
  expect(system).not.toContain('the harbour code')
  rmSync(outside, { recursive: true })
})

test('tools of an MCP server are offered and called; one that fails costs nothing else', async () => {
  const server = join(makeFolder({ 'package.json': '{"type":"module"}' }), 'server.ts')
  writeFileSync(server, mcpServer)
  const { agent, model } = await start([
    { calls: [{ name: 'harbour__berth', args: { ship: 'Fram' } }] },
    { text: 'Done.' },
  ])
  const sessionId = await agent.open([
    { name: 'harbour', command: process.execPath, args: [server], env: [] },
    { name: 'gone', command: '/nowhere/at-all', args: [], env: [] },
  ])
  const { result } = await agent.prompt(sessionId, 'go')
  expect(result.stopReason).toBe('end_turn')
  expect(model.requests[0]?.tools).toContain('harbour__berth')
  const ends = agent.updates('tool_call_update').filter((update) => update.status)
  expect(ends[0]?.content[0].content.text).toBe('berth 7 for Fram')
  expect(
    agent
      .updates('agent_thought_chunk')
      .map((u) => u.content.text)
      .join(),
  ).toContain('The tools of gone are not there')
})

test('an MCP server over HTTP is called with its headers', async () => {
  const { agent, cwd } = await start(
    [{ calls: [{ name: 'refactor__import_chain', args: { from: 'a.ts' } }] }, { text: 'Done.' }],
    { files: { 'tsconfig.json': '{}', 'a.ts': "import './b.ts'\n", 'b.ts': 'export {}\n' } },
  )
  const server = spawn(
    process.execPath,
    [join(import.meta.dirname, '../refactor/cli.ts'), '--root', cwd, 'mcp', '--port', '0'],
    { env: { ...process.env, REFACTOR_TOKEN: 'token' }, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  onTestFinished(() => void server.kill())
  let said = ''
  server.stderr.on('data', (chunk) => {
    said += chunk
  })
  await expect.poll(() => said, { timeout: 20_000 }).toContain('Serving MCP on')
  const url = /Serving MCP on (\S+)/.exec(said)?.[1]
  const headers = [{ name: 'authorization', value: 'Bearer token' }]
  await agent.prompt(await agent.open([{ type: 'http', name: 'refactor', url, headers }]), 'go')
  const end = agent.updates('tool_call_update').find((update) => update.status)
  expect(end?.status, JSON.stringify(agent.frames.slice(-5))).toBe('completed')
  expect(end?.content[0].content.text).toContain('b.ts')
})

test('a key never reaches commands', async () => {
  const { agent } = await start([{ calls: [{ tool: 'bash', command: 'env' }] }, { text: 'Done.' }])
  await agent.prompt(await agent.open(), 'go')
  const output = agent.updates('tool_call_update').find((update) => update.status)?.content[0].content.text
  expect(output).toContain('PATH=')
  expect(output).not.toMatch(/AGENT_|MALLOC_/)
})

/** A zombie that nobody has collected yet is dead. */
function alive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z'
  } catch {
    return false
  }
}

/** The smallest MCP server there can be. */
const mcpServer = `
import { createInterface } from 'node:readline'
const send = (id, result) => console.log(JSON.stringify({ jsonrpc: '2.0', id, result }))
const tools = [{ name: 'berth', description: 'Finds a berth.', inputSchema: { type: 'object', properties: { ship: { type: 'string' } } } }]
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'harbour', version: '1' } }),
  'tools/list': () => ({ tools }),
  'tools/call': ({ arguments: { ship } }) => ({ content: [{ type: 'text', text: 'berth 7 for ' + ship }] }),
}
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (id !== undefined && answers[method]) send(id, answers[method](params ?? {}))
})
`
