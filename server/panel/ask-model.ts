// Sends a reviewer's prompt to its model through the gateway, like any other spender: keys, budgets and metering hold.
import { Refusal } from '@seatrial/protocol'
import type { Gateway } from '../gateway/gateway.ts'

export interface AskModel {
  gateway: Pick<Gateway, 'fetch'>
  /** Minted for who spends. */
  token: string
  model: string
  /** Ends the call; what it says then is the caller's. */
  signal: AbortSignal
}

/** Longest answer that is asked for; a vote with six findings fits many times. */
const mostAnswerTokens = 4_096

/** The answer's text. Refused, with the reason in one sentence, when the model or its budget does not give one. */
export async function askModel({ gateway, token, model, signal }: AskModel, prompt: string, schema: object) {
  const plain = { model, temperature: 0, max_tokens: mostAnswerTokens, messages: [{ role: 'user', content: prompt }] }
  const held = { type: 'json_schema', json_schema: { name: 'review', schema } }
  const first = await send({ ...plain, response_format: held })
  // Some endpoints know no schema: the prompt asks for the same form in words.
  return first.status === 400 || first.status === 422 ? textOf(await send(plain)) : textOf(first)

  function send(body: object): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: JSON.stringify(body), signal }
    return gateway.fetch(new Request('http://gateway/v1/chat/completions', init))
  }
}

async function textOf(response: Response): Promise<string> {
  const body = await response.json().catch(() => null)
  if (!response.ok) {
    const why = typeof body?.error?.message === 'string' ? body.error.message : `status ${response.status}`
    throw new Refusal('unprocessable', why)
  }
  const content = body?.choices?.[0]?.message?.content
  return typeof content === 'string' ? content : ''
}
