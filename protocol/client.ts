// A client made from the API table: `client.submitTask({ body })`. Also follows the event stream.
import { type Api, api, type Call, type Reply } from './api.ts'
import { HouseEvent } from './event.ts'
import { Refusal, RefusalBody } from './refusal.ts'

export type Client = { [Name in keyof Api]: (call: Call<Api[Name]>) => Promise<Reply<Api[Name]>> } & {
  /** Yields every event after `after`, reconnecting until `signal` aborts. */
  follow(options: { after?: number; task?: string; signal?: AbortSignal }): AsyncGenerator<HouseEvent>
}

export interface ClientOptions {
  /** e.g. `http://127.0.0.1:7420`, or empty for the page's own origin. */
  baseUrl: string
  token?: string
  fetch?: typeof fetch
}

/** Makes a client. Refusals of the house are thrown as `Refusal`; an unreachable house as `Refusal('unavailable')`. */
export function createClient(options: ClientOptions): Client {
  const send = options.fetch ?? fetch
  const headers: Record<string, string> = options.token ? { authorization: `Bearer ${options.token}` } : {}

  const request = async (url: string, init: RequestInit): Promise<Response> => {
    let response: Response
    try {
      response = await send(options.baseUrl + url, init)
    } catch (error) {
      if (init.signal?.aborted) throw error
      throw new Refusal('unavailable', `No house answers at ${options.baseUrl}; start one with \`seatrial up\`.`)
    }
    if (response.ok) return response
    const body = RefusalBody.safeParse(await response.json().catch(() => null))
    if (body.success) throw new Refusal(body.data.error.code, body.data.error.sentence, body.data.error.details)
    throw new Refusal('unavailable', `The house answered ${response.status} to ${init.method ?? 'GET'} ${url}.`)
  }

  const client: Record<string, unknown> = {}
  for (const [name, route] of Object.entries(api)) {
    client[name] = async (call: { params?: Record<string, string>; query?: object; body?: unknown }) => {
      const path = route.path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(call.params?.[key] ?? ''))
      const query = new URLSearchParams()
      for (const [key, value] of Object.entries(call.query ?? {})) {
        if (value !== undefined && value !== null) query.set(key, String(value))
      }
      const suffix = query.size > 0 ? `?${query}` : ''
      const response = await request(path + suffix, {
        method: route.method,
        headers: call.body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      })
      return response.json()
    }
  }

  client.follow = async function* ({
    after = 0,
    task,
    signal,
  }: {
    after?: number
    task?: string
    signal?: AbortSignal
  }) {
    let last = after
    while (!signal?.aborted) {
      const query = new URLSearchParams({ after: String(last), ...(task ? { task } : {}) })
      try {
        const response = await request(`/v1/events?${query}`, { headers, ...(signal ? { signal } : {}) })
        for await (const event of readEvents(response)) {
          last = event.seq
          yield event
        }
      } catch (error) {
        if (signal?.aborted) return
        if (error instanceof Refusal && error.code !== 'unavailable') throw error
      }
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
  return client as Client
}

async function* readEvents(response: Response): AsyncGenerator<HouseEvent> {
  if (!response.body) return
  let buffer = ''
  const decoder = new TextDecoder()
  // Not every browser can iterate over a stream.
  const reader = response.body.getReader()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      buffer += decoder.decode(part.value, { stream: true })
      for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
        const block = buffer.slice(0, end)
        buffer = buffer.slice(end + 2)
        const data = block
          .split('\n')
          .filter((line) => line.startsWith('data:'))
          .map((line) => line.slice(5).trimStart())
          .join('\n')
        // A page left open over an upgrade of the house meets events it does not know; they are not for it.
        const event = data ? HouseEvent.safeParse(JSON.parse(data)) : null
        if (event?.success) yield event.data
      }
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
