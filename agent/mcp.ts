// Tools of MCP servers that the host gave to the session.
import type { McpServer } from '@agentclientprotocol/sdk'
import type { MCPClient } from '@ai-sdk/mcp'
import { messageOf } from './retry.ts'
import { clip } from './tools/tool.ts'

export interface RemoteTool {
  name: string
  description: string
  /** JSON schema of the input. */
  schema: object
  call(input: unknown, signal: AbortSignal, maxOutput: number): Promise<string>
}

export interface RemoteTools {
  tools: RemoteTool[]
  /** One sentence per server that could not be used. */
  failures: string[]
  close(): Promise<void>
}

/** Connects to all servers at once; one that fails costs only its own tools. The library is loaded only when needed. */
export async function connectServers(servers: McpServer[], cwd: string): Promise<RemoteTools> {
  if (servers.length === 0) return { tools: [], failures: [], close: async () => undefined }
  const clients: MCPClient[] = []
  const tools: RemoteTool[] = []
  const failures: string[] = []
  await Promise.all(
    servers.map(async (server) => {
      try {
        const client = await connect(server, cwd)
        clients.push(client)
        tools.push(...(await readTools(client, server.name)))
      } catch (error) {
        failures.push(`The tools of ${server.name} are not there: ${messageOf(error)}`)
      }
    }),
  )
  return {
    tools,
    failures,
    close: async () => void (await Promise.allSettled(clients.map((client) => client.close()))),
  }
}

async function connect(server: McpServer, cwd: string): Promise<MCPClient> {
  const { createMCPClient } = await import('@ai-sdk/mcp')
  if ('type' in server) {
    const headers = Object.fromEntries(server.headers.map(({ name, value }) => [name, value]))
    return createMCPClient({ transport: { type: server.type, url: server.url, headers } })
  }
  const { StdioMCPTransport } = await import('@ai-sdk/mcp/mcp-stdio')
  const env: Record<string, string> = {}
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'LANG']) if (process.env[name]) env[name] = process.env[name]
  for (const { name, value } of server.env) env[name] = value
  const { command, args } = server
  return createMCPClient({ transport: new StdioMCPTransport({ command, args, env, cwd, stderr: 'ignore' }) })
}

async function readTools(client: MCPClient, server: string): Promise<RemoteTool[]> {
  const { tools } = await client.listTools()
  return tools.map((tool) => ({
    name: `${server}__${tool.name}`.replace(/[^\w-]/g, '_').slice(0, 64),
    description: clip(tool.description ?? tool.name, 2000),
    schema: tool.inputSchema,
    async call(input, signal, maxOutput) {
      const args = (input ?? {}) as Record<string, unknown>
      const result = await client.callTool({ name: tool.name, arguments: args, options: { signal, timeout: 600_000 } })
      const text = clip(resultText(result), maxOutput)
      if ('isError' in result && result.isError) throw new Error(text)
      return text
    },
  }))
}

function resultText(result: object): string {
  if (!('content' in result) || !Array.isArray(result.content)) return JSON.stringify(result)
  const parts = result.content as { type: string; text?: string }[]
  return parts.map((part) => (part.type === 'text' ? (part.text ?? '') : `(${part.type})`)).join('\n')
}
