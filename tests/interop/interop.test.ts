// Each third-party agent makes a real edit in a real repository, inside the sandbox, against a scripted model behind the
// gateway, and goes on with its session in a second process. Four may not be missing; the rest say why they are skipped.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openAgents } from '../../server/agents/agents.ts'
import { startRig } from '../../server/agents/test-rig.ts'
import { makeStage, places } from '../../server/agents/test-stage.ts'
import { pixel } from '../../server/gateway/test-kit.ts'
import { proxyEnv } from '../../server/sandbox/egress.ts'

interface Expected {
  required?: true
  /** Goes on with its session in a second process; `later` when it cannot within the minute the session began in. */
  loads: true | 'later'
  /** Images of the prompt arrive at the model. */
  showsImages: boolean
  /** Tools of the house's MCP server are offered to the model. */
  offersMcp: boolean
}

const agentsToTry: Record<string, Expected> = {
  seatrial: { required: true, loads: true, showsImages: true, offersMcp: true },
  opencode: { required: true, loads: true, showsImages: true, offersMcp: true },
  codex: { required: true, loads: true, showsImages: true, offersMcp: true },
  gemini: { required: true, loads: 'later', showsImages: true, offersMcp: true },
  pi: { required: true, loads: true, showsImages: true, offersMcp: false },
  qwen: { loads: true, showsImages: false, offersMcp: false },
  kimi: { loads: true, showsImages: true, offersMcp: true },
  cline: { loads: true, showsImages: false, offersMcp: false },
  claude: { loads: true, showsImages: true, offersMcp: true },
  copilot: { loads: true, showsImages: true, offersMcp: false },
}

const greetLine = (word: string): string => `export const greet = (name: string): string => \`${word}, \${name}!\``

const files = {
  'package.json': '{ "name": "harbour", "type": "module" }\n',
  'src/greet.ts': `${greetLine('Hello')}\n`,
  'src/main.ts': "import { greet } from './greet.ts'\n\nconsole.log(greet('crew'))\n",
}

const agents = openAgents({ ...places, limits: { startMs: 180_000, silenceMs: 120_000 } })

describe.each(Object.entries(agentsToTry))('%s', (id, expected) => {
  test('edits, runs a command, is metered, and goes on in a second process', async (context) => {
    const missing = await install(id)
    if (missing && expected.required) throw new Error(missing)
    if (missing) return context.skip(missing)

    const rig = await startRig({
      cwd: '/srv/project',
      rules: [
        {
          when: { tools: true, user: 'SECOND-MESSAGE' },
          steps: [
            { text: 'Noting.', calls: [{ tool: 'bash', command: 'echo second >> proof.txt' }] },
            { text: 'Noted.' },
          ],
        },
        {
          when: { tools: true, user: 'FIRST-MESSAGE' },
          steps: [
            { text: 'Reading.', calls: [{ tool: 'read', path: 'src/greet.ts' }] },
            {
              text: 'Editing.',
              calls: [{ tool: 'edit', path: 'src/greet.ts', old: greetLine('Hello'), new: greetLine('Ahoy') }],
            },
            { text: 'Running.', calls: [{ tool: 'bash', command: 'git diff --stat > proof.txt' }] },
            { text: 'All hands greeted.' },
          ],
        },
      ],
    })
    // As in a real trial, where everything but the gateway has to go through a proxy; here none answers.
    const world = { forwards: rig.forwards, env: proxyEnv(3128) }
    const stage = await makeStage({ files, readOnly: await agents.agentMounts(id), ...world })
    try {
      const more = { gateway: rig.gateway }
      const images = [{ name: 'dot.png', mediaType: 'image/png' as const, data: pixel }]
      const prompt = 'FIRST-MESSAGE Change the greeting to Ahoy.'
      const first = await agents.runAgent(stage.turn(`${id}+scripted`, prompt, { ...more, images }))
      expect(first, JSON.stringify(stage.events.slice(-5))).toMatchObject({
        kind: 'finished',
        summary: 'All hands greeted.',
      })
      expect(readFileSync(join(stage.tree, 'src/greet.ts'), 'utf8')).toContain('Ahoy')
      expect(readFileSync(join(stage.tree, 'proof.txt'), 'utf8')).toContain('src/greet.ts')
      expect(stage.steps.length).toBeGreaterThanOrEqual(2)
      expect(rig.reports.length).toBeGreaterThanOrEqual(4)
      expect(rig.images() > 0).toBe(expected.showsImages)
      expect([...rig.offered()].some((tool) => tool.includes('rename_symbol'))).toBe(expected.offersMcp)
      const status = execFileSync('git', ['-c', 'safe.directory=*', '-C', stage.tree, 'status', '--porcelain'], {
        encoding: 'utf8',
      })
      expect(status.trim().split('\n').sort()).toEqual(['?? proof.txt', 'M src/greet.ts'].sort())

      const again = stage.turn(`${id}+scripted`, 'SECOND-MESSAGE Note it.', { ...more, sessionId: first.sessionId })
      const second = await agents.runAgent(again)
      expect(second).toMatchObject({ kind: 'finished', summary: 'Noted.' })
      expect(readFileSync(join(stage.tree, 'proof.txt'), 'utf8')).toContain('second')
      if (expected.loads === true) expect(second.sessionId, stage.said().slice(-500)).toBe(first.sessionId)
    } finally {
      await stage.clean()
      await rig.close()
    }
  })
})

/** Null when the agent can run, else why not. Only installable agents are fetched. */
async function install(id: string): Promise<string | null> {
  const card = (await agents.listAgents()).find((known) => known.id === id)
  if (!card) return `${id} is not in the catalog`
  if (card.ready || card.origin !== 'installable') return card.missing
  return agents.installAgent(id).then(
    (installed) => installed.missing,
    (error: Error) => error.message,
  )
}
