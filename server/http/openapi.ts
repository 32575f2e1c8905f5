// The OpenAPI 3.1 document, printed from the API table. zod 4 writes the JSON Schema that OpenAPI 3.1 uses.
import { RefusalBody } from '@seatrial/protocol'
import type { Route } from '@seatrial/protocol/api'
import { z } from 'zod'

const schemaOf = (type: z.ZodType, io: 'input' | 'output'): Record<string, unknown> => {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io, unrepresentable: 'any' }) as Record<string, unknown>
  return schema
}

const json = (schema: Record<string, unknown>) => ({ 'application/json': { schema } })

export function openApiDocument(table: Record<string, Route>, version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const [operationId, route] of Object.entries(table)) {
    const path = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }))
    const query = route.query ? schemaOf(route.query, 'input') : null
    const required = (query?.required as string[] | undefined) ?? []
    const parameters = Object.entries((query?.properties as Record<string, unknown> | undefined) ?? {}).map(
      ([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }),
    )
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: {
        operationId,
        summary: route.summary,
        ...(route.scope === 'none' ? { security: [] } : { 'x-scope': route.scope }),
        parameters: [...path, ...parameters],
        ...(route.body ? { requestBody: { required: true, content: json(schemaOf(route.body, 'input')) } } : {}),
        responses: {
          [route.status ?? 200]: { description: 'Done.', content: json(schemaOf(route.reply, 'output')) },
          default: {
            description: 'Refused, with the reason in one sentence.',
            content: json(schemaOf(RefusalBody, 'output')),
          },
        },
      },
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Seatrial', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    security: [{ bearer: [] }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    paths,
  }
}
