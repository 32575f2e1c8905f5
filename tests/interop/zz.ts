import { execFileSync } from 'node:child_process'
import { openAgents } from '../../server/agents/agents.ts'
import { makeStage, places } from '../../server/agents/test-stage.ts'
import { startRig } from './rig.ts'
const agents = openAgents({ ...places, limits: { startMs: 180_000, silenceMs: 120_000 } })
const rig = await startRig({ cwd: '/srv/project', rules: [{ when: { tools: true }, steps: [{ text: 'x', calls: [{ tool: 'bash', command: 'echo hi' }] }, { text: 'ok' }] }] })
const stage = await makeStage({ readOnly: await agents.agentMounts('gemini'), forwards: rig.forwards })
const first = await agents.runAgent(stage.turn('gemini+m', 'FIRST', { gateway: rig.gateway }))
console.log(first)
console.log(execFileSync('sh', ['-c', `cd ${stage.home}; find . -type f | head -50; cat .gemini/projects.json; cat .gemini/tmp/*/chats/* | head -c 1500`], { encoding: 'utf8' }))
const second = await agents.runAgent(stage.turn('gemini+m', 'SECOND', { gateway: rig.gateway, sessionId: first.sessionId }))
console.log(second, stage.said())
console.log(execFileSync('sh', ['-c', `cd ${stage.home}; find . -type f | head -50; cat .gemini/projects.json`], { encoding: 'utf8' }))
await stage.clean(); await rig.close()
