import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { expect, it } from 'vitest'
import { serveHttp } from './mcp.ts'
import { makeMono } from './testing/make-tree.ts'

const names = [
  'diagnostics',
  'find_symbol',
  'import_chain',
  'move_file',
  'references',
  'rename_symbol',
  'rewrite',
  'verify',
]
const launcher = fileURLToPath(new URL('./bin/refactor', import.meta.url))

it('serves every tool on stdio', async () => {
  using tree = makeMono()
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(new StdioClientTransport({ command: launcher, args: ['--root', tree.root, 'mcp'] }))
  try {
    const { tools } = await client.listTools()
    expect(tools.map((one) => one.name).sort()).toEqual(names)
    expect(tools.find((one) => one.name === 'rename_symbol')!.inputSchema).toMatchObject({ required: ['symbol', 'to'] })
    const renamed = await client.callTool({
      name: 'rename_symbol',
      arguments: { symbol: 'CoreError', to: 'BaseError' },
    })
    expect(renamed.structuredContent).toMatchObject({
      edits: 15,
      applied: true,
      diagnosticsBefore: [],
      diagnosticsAfter: [],
    })
    const refused = await client.callTool({ name: 'move_file', arguments: { from: 'nowhere.ts', to: 'x.ts' } })
    expect(refused).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/^No file or folder nowhere\.ts below/) }],
    })
    const moved = await client.callTool({
      name: 'move_file',
      arguments: { from: 'packages/core/src/errors.ts', to: 'packages/core/src/lib/errors.ts' },
    })
    expect(moved.structuredContent).toMatchObject({ edits: 5, newDiagnostics: [] })
    expect(tree.cleanBuild()).toBe('')
  } finally {
    await client.close()
  }
})

it('serves the same over HTTP, only to who brings the token', async () => {
  using tree = makeMono()
  const server = await serveHttp({ root: tree.root, port: 0, token: 'open sesame' })
  const client = new Client({ name: 'test', version: '1' })
  try {
    const headers = { authorization: 'Bearer open sesame' }
    await client.connect(
      new StreamableHTTPClientTransport(new URL(server.url), { requestInit: { headers } }) as Parameters<
        Client['connect']
      >[0],
    )
    expect((await client.listTools()).tools.map((one) => one.name).sort()).toEqual(names)
    const found = await client.callTool({ name: 'find_symbol', arguments: { symbol: 'CoreError' } })
    expect(found.structuredContent).toMatchObject({
      found: [{ file: 'packages/core/src/errors.ts', line: 2 }, {}, {}, {}],
    })
    const post = { method: 'POST', body: '{}' }
    expect((await fetch(server.url, post)).status).toBe(401)
    expect((await fetch(server.url, { ...post, headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
    expect((await fetch(server.url, { ...post, headers: { ...headers, origin: 'https://evil.example' } })).status).toBe(
      403,
    )
    expect((await fetch(server.url.replace('/mcp', '/'), { ...post, headers })).status).toBe(404)
  } finally {
    await client.close()
    await server.close()
  }
})
