// For tests: a program that takes llama-server's flags and speaks its protocol, with the fixture model behind it.
import { rmSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { serve } from '@hono/node-server'
import { openEngine } from '../index.ts'

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    host: { type: 'string' },
    port: { type: 'string' },
    lora: { type: 'string', multiple: true, default: [] },
    mmproj: { type: 'string' },
  },
  strict: false,
})
const key = (await readFile('/proc/self/environ', 'utf8'))
  .split('\0')
  .find((each) => each.startsWith('LLAMA_API_KEY='))
  ?.slice(14)
// Beside the weights, so that it goes with them even when this process is killed.
const dataDir = await mkdtemp(join(dirname(String(values.model)), 'stand-in-'))
const engine = await openEngine({ dataDir })
process.on('SIGTERM', () => {
  rmSync(dataDir, { recursive: true })
  process.exit(0)
})
await engine.import({ path: values.mmproj ? dirname(String(values.model)) : String(values.model), name: 'local' })
for (const [index, path] of (values.lora as string[]).entries()) {
  await engine.importAdapter({ path, model: 'local', name: `a${index}` })
}

serve({
  hostname: String(values.host),
  port: Number(values.port),
  async fetch(request) {
    const { pathname } = new URL(request.url)
    if (pathname === '/health') return Response.json({ status: 'ok' })
    if (request.headers.get('authorization') !== `Bearer ${key}`)
      return Response.json({ error: { message: 'no' } }, { status: 401 })
    const body = (await request.json()) as {
      model: string
      messages: { content: string }[]
      lora?: { id: number; scale: number }[]
    }
    if (JSON.stringify(body.messages).includes('fall over')) process.kill(process.pid, 'SIGKILL')
    const worn = body.lora?.find(({ scale }) => scale === 1)
    const model = worn ? `local@a${worn.id}` : 'local'
    return engine.app.request(pathname, { method: 'POST', body: JSON.stringify({ ...body, model }) })
  },
})
