import { spawn } from 'node:child_process'
import { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { client, methods, ndJsonStream, type SessionUpdate } from '@agentclientprotocol/sdk'
import { describe, expect, it } from 'vitest'
import { makeMono } from './testing/make-tree.ts'

const script = fileURLToPath(new URL('./agent.ts', import.meta.url))

type Turn = { stopReason: string; updates: SessionUpdate[]; words: string }

/** One prompt to a real agent process; `onUpdate` may cancel. */
async function prompt(
  cwd: string,
  text: string,
  onUpdate: (update: SessionUpdate, cancel: () => void) => void = () => {},
): Promise<Turn> {
  const child = spawn(process.execPath, [script], { cwd: '/', stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const updates: SessionUpdate[] = []
  let cancel = (): void => {}
  const app = client({ name: 'test' }).onNotification(methods.client.session.update, ({ params }) => {
    updates.push(params.update)
    onUpdate(params.update, cancel)
  })
  const stream = ndJsonStream(Writable.toWeb(child.stdin), Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>)
  const stopReason = await app.connectWith(stream, async (context) => {
    await context.request(methods.agent.initialize, { protocolVersion: 1, clientCapabilities: {} })
    const { sessionId } = await context.request(methods.agent.session.new, { cwd, mcpServers: [] })
    cancel = () => void context.notify(methods.agent.session.cancel, { sessionId })
    return (await context.request(methods.agent.session.prompt, { sessionId, prompt: [{ type: 'text', text }] }))
      .stopReason
  })
  child.stdin.end()
  await ended
  const words = updates
    .flatMap((one) =>
      one.sessionUpdate === 'agent_message_chunk' && one.content.type === 'text' ? [one.content.text] : [],
    )
    .join('')
  return { stopReason, updates, words }
}

const statuses = (turn: Turn): string[] =>
  turn.updates.flatMap((one) => (one.sessionUpdate === 'tool_call_update' ? [`${one.toolCallId} ${one.status}`] : []))

describe('the agent that needs no model', () => {
  it('renames and moves over the whole monorepo, verifies, and tells each step', async () => {
    using tree = makeMono()
    const turn = await prompt(
      tree.root,
      'Please rename CoreError to BaseError everywhere, then move packages/core/src/errors.ts to packages/core/src/lib/errors.ts.',
    )
    expect(turn.stopReason).toBe('end_turn')
    expect(statuses(turn)).toEqual(['step-1 completed', 'step-2 completed', 'step-3 completed'])
    const plans = turn.updates.filter((one) => one.sessionUpdate === 'plan')
    expect(plans[0]!.entries.map((one) => one.status)).toEqual(['pending', 'pending', 'pending'])
    expect(plans.at(-1)!.entries.map((one) => one.status)).toEqual(['completed', 'completed', 'completed'])
    expect(turn.words).toContain('17 edits in 7 files, 2 leftovers, no new errors')
    expect(turn.words).toContain(
      'Verified: typescript 5.9.3 (the repository has none of its own) finds no error in 3 projects',
    )
    expect(tree.cleanBuild()).toBe('')
  })

  it('edits nothing when it does not understand, and says what it takes', async () => {
    using tree = makeMono()
    const turn = await prompt(tree.root, 'rename CoreError to BaseError and make it faster')
    expect(turn).toMatchObject({
      stopReason: 'end_turn',
      words: expect.stringMatching(/^I did not understand ".*"; I take "rename X to Y"/),
    })
    expect(turn.updates).toHaveLength(1)
    expect(tree.changes()).toEqual({})
  })

  it('stops at a step that is refused', async () => {
    using tree = makeMono()
    const turn = await prompt(tree.root, 'rename boom to bang\nrename nowhere to there\nrename wrap to hull')
    expect(statuses(turn)).toEqual(['step-1 completed', 'step-2 failed'])
    expect(turn.words).toContain('Refused: Rename nowhere to there: Nothing called nowhere is declared here')
    expect(tree.read('packages/app/src/deep/a.ts')).toContain('wrap')
  })

  it('stops between steps when cancelled', async () => {
    using tree = makeMono()
    const turn = await prompt(tree.root, 'rename boom to bang then rename wrap to hull', (update, cancel) => {
      if (update.sessionUpdate === 'tool_call' && update.toolCallId === 'step-1') cancel()
    })
    expect(turn.stopReason).toBe('cancelled')
    expect(tree.read('packages/app/src/deep/a.ts')).not.toContain('hull')
  })
})
