// Four third-party agents and our own through the whole house: a task each, submitted over HTTP, ends as a candidate.
import { execFileSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ScriptedModel, startScriptedModel } from '../../scripted/model.ts'
import { openAgents } from '../../server/agents/agents.ts'
import { places } from '../../server/agents/test-stage.ts'
import { makeRepo, openTestHouse, removeRepo, type TestHouse } from '../house.ts'

const agents = ['seatrial', 'opencode', 'codex', 'gemini', 'pi']
const before = 'export const depth = (metres: number): number => metres'
const after = 'export const depth = (metres: number): number => Math.round(metres)'

let model: ScriptedModel
let house: TestHouse
let repo: string

beforeAll(async () => {
  repo = await makeRepo({ 'package.json': '{ "name": "sounding" }\n', 'src/depth.ts': `${before}\n` })
  model = await startScriptedModel({
    script: {
      cwd: repo,
      rules: [
        {
          when: { tools: true, user: 'ROUND-THE-DEPTH' },
          steps: [
            { text: 'Reading.', calls: [{ tool: 'read', path: 'src/depth.ts' }] },
            { text: 'Editing.', calls: [{ tool: 'edit', path: 'src/depth.ts', old: before, new: after }] },
            { text: 'Noting.', calls: [{ tool: 'bash', command: 'git diff --stat > log.txt' }] },
            { text: 'Depths are whole now.' },
          ],
        },
      ],
    },
  })
  const toml = `[models.scripted]\nwire = "openai-chat"\nbase_url = "${model.url}/v1"\nfree = true\ncontext_tokens = 128000\n`
  house = await openTestHouse({ houseToml: toml })
  await fillAgentsFolder(join(house.dataDir, 'agents'))
})
afterAll(async () => {
  await house.close()
  await model.close()
  await removeRepo(repo)
})

test.each(agents)('%s makes a candidate', async (id) => {
  const body = { project: repo, prompt: 'ROUND-THE-DEPTH in src/depth.ts.', contenders: [`${id}+scripted`] }
  const task = await house.client.submitTask({ body })
  const ended = await house.until(task.id, 'waiting')
  const [trial] = ended.trials
  expect(trial).toMatchObject({ state: 'ready', summary: 'Depths are whole now.' })
  expect(trial?.usage.calls).toBeGreaterThanOrEqual(4)
  const { files } = await house.client.getDiff({ params: { id: task.id }, query: {} })
  expect(files.map((file) => file.path).sort()).toEqual(['log.txt', 'src/depth.ts'])
  const lines = files.find((file) => file.path === 'src/depth.ts')?.hunks.flatMap((hunk) => hunk.lines)
  expect(lines).toContain(`+${after}`)
  const { checkpoints } = await house.client.listCheckpoints({ params: { id: task.id }, query: {} })
  expect(checkpoints.length).toBeGreaterThanOrEqual(2)
})

/** Installs once into the cache, then links each file: what is in the house's folder is what `agents install` puts there. */
async function fillAgentsFolder(folder: string): Promise<void> {
  const cache = openAgents(places)
  await mkdir(folder, { recursive: true })
  for (const card of await cache.listAgents()) {
    if (!agents.includes(card.id) || card.origin !== 'installable') continue
    if (!card.ready) await cache.installAgent(card.id)
    execFileSync('cp', ['-al', join(places.agentsDir, card.id), join(folder, card.id)])
  }
}
