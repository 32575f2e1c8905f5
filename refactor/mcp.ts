// The tools over MCP: on stdio, or on loopback HTTP behind a bearer token.
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { Refusal } from '@seatrial/protocol'
import { type Tool, tools } from './tools.ts'

/** One server over one root; refusals come back as tool errors in one sentence. */
export function makeMcp(root: string): McpServer {
  const server = new McpServer({ name: 'refactor', version: '0.1.0' })
  for (const tool of tools) {
    const annotations = { readOnlyHint: !tool.writes, destructiveHint: tool.writes, openWorldHint: false }
    server.registerTool(
      tool.name,
      { description: tool.about, inputSchema: tool.input.shape, annotations },
      (input: Record<string, unknown>) => call(root, tool, input),
    )
  }
  return server
}

async function call(root: string, tool: Tool, input: Record<string, unknown>) {
  try {
    const result = await tool.run(root, input)
    const structuredContent = Array.isArray(result) ? { found: result } : (result as Record<string, unknown>)
    return { content: [{ type: 'text' as const, text: tool.say(result) }], structuredContent }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { content: [{ type: 'text' as const, text: error.message }], isError: true }
  }
}

/** Serves until stdin closes. */
export async function serveStdio(root: string): Promise<void> {
  const server = makeMcp(root)
  const closed = new Promise<void>((resolve) => process.stdin.once('end', resolve))
  await server.connect(new StdioServerTransport())
  await closed
  await server.close()
}

export type HttpServer = { url: string; closed: Promise<void>; close(): Promise<void> }

/** Serves `/mcp` on 127.0.0.1; port 0 takes a free one. Callers without the token get 401, other hosts 403. */
export async function serveHttp({
  root,
  port,
  token,
}: {
  root: string
  port: number
  token: string
}): Promise<HttpServer> {
  const sessions = new Map<string, StreamableHTTPServerTransport>()
  const http = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refused = refuse(request, token)
    if (refused) return void response.writeHead(refused).end()
    const id = request.headers['mcp-session-id']
    const known = typeof id === 'string' ? sessions.get(id) : undefined
    if (id !== undefined && !known) return void response.writeHead(404).end()
    await (known ?? (await startSession(root, sessions))).handleRequest(request, response)
  }
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(port, '127.0.0.1', resolve)
  })
  const closed = new Promise<void>((resolve) => http.once('close', resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    closed,
    close: async () => {
      for (const transport of sessions.values()) await transport.close()
      http.closeAllConnections()
      http.close()
      await closed
    },
  }
}

async function startSession(
  root: string,
  sessions: Map<string, StreamableHTTPServerTransport>,
): Promise<StreamableHTTPServerTransport> {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
  })
  await makeMcp(root).connect(transport as Parameters<McpServer['connect']>[0])
  return transport
}

function refuse(request: IncomingMessage, token: string): number | null {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '')
  if (host !== '127.0.0.1' && host !== 'localhost') return 403
  if (request.headers.origin !== undefined) return 403
  if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/mcp') return 404
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(request.headers.authorization ?? ''), digest(`Bearer ${token}`)) ? null : 401
}
