import type { EndpointSession } from '../endpoint-session.ts'
import { encodeJson } from '../multipart.ts'
import { readAnswer, usageOf, type ChatAnswer } from './answer.ts'
import type { Fields } from './fields.ts'
import type { Message } from './message.ts'

/** `POST {base}/chat/completions` on an endpoint of the session's pool, with its limits and retries. */
export async function complete(
  session: EndpointSession,
  request: { readonly messages: readonly Message[]; readonly fields: Fields; readonly signal: AbortSignal },
): Promise<ChatAnswer> {
  const { messages, fields, signal } = request
  const body = encodeJson({ ...fields, messages })
  return session.run(async (endpoint, bill) => {
    const json = await session.json(endpoint, { method: 'POST', path: 'chat/completions', body, signal })
    bill(usageOf(json))
    return readAnswer(json, session.redactor)
  }, signal)
}
