// What goes to the endpoint for a request: the same bytes in spirit, or a translation.
import type { ModelEndpoint } from './gateway.ts'
import { type Json, leftOut, type Message, type NeutralRequest, type Part } from './neutral.ts'
import type { Route } from './route.ts'
import { wires } from './wires/table.ts'
import type { Outbound, Wire } from './wires/wire.ts'

export interface Plan {
  inbound: Wire
  outbound: Wire
  send: Outbound
  stream: boolean
  /** Null when nothing is translated. */
  neutral: NeutralRequest | null
  /** Whether frames that only carry usage are kept from the agent. */
  hidesUsage: boolean
}

/** `body` must be confined already. Throws a refusal for what cannot be translated. */
export function planCall(route: Route, body: Json, plain: ModelEndpoint, pictures: boolean): Plan {
  const { worn } = plain
  const endpoint = worn ? { ...plain, model: worn.model } : plain
  const wearing = ({ path, body }: Outbound): Outbound => ({ path, body: { ...body, ...worn?.fields } })
  const inbound = route.wire
  const outbound = wires[endpoint.wire]
  const stream = route.stream ?? body.stream === true
  const blind = pictures && !endpoint.seesImages
  if (inbound === outbound && !blind) {
    const hidesUsage = inbound.isUnasked !== undefined && body.stream_options?.include_usage !== true
    const send = wearing(outbound.passRequest(body, endpoint, stream))
    return { inbound, outbound, send, stream, neutral: null, hidesUsage }
  }
  const read = { ...inbound.readRequest(body), stream }
  const neutral = blind ? withoutPictures(read, endpoint) : read
  return {
    inbound,
    outbound,
    send: wearing(outbound.writeRequest(neutral, endpoint)),
    stream,
    neutral,
    hidesUsage: false,
  }
}

function withoutPictures(request: NeutralRequest, endpoint: ModelEndpoint): NeutralRequest {
  const note = leftOut(`picture, which model ${endpoint.name} cannot see,`)
  const plain = (parts: Part[]): Part[] => parts.map((part) => (part.kind === 'image' ? note : part))
  const messages = request.messages.map(
    (message): Message => ('parts' in message ? { ...message, parts: plain(message.parts) } : message),
  )
  return { ...request, messages }
}
