import type { EndpointSession } from '../endpoint-session.ts'
import { encodeJson } from '../multipart.ts'
import { readAnswer, usageOf, type ChatAnswer } from './answer.ts'
import type { Fields } from './fields.ts'
import type { Message } from './message.ts'

/** `POST {base}/chat/completions` on an endpoint of the session's pool, with its limits and retries. */
export async function complete(
  session: EndpointSession,
  request: {
    readonly messages: readonly Message[]
    readonly fields: Fields
    readonly signal: AbortSignal
    /** Names what is asked about, as for the session's `run`. */
    readonly input?: string
  },
): Promise<ChatAnswer> {
  const { messages, fields, signal, input } = request
  const sent = messages.flatMap(textsOf)
  const body = encodeJson({ ...fields, messages })
  return session.run(
    async (endpoint, bill) => {
      const json = await session.json(endpoint, { method: 'POST', path: 'chat/completions', body, signal, sent })
      bill(usageOf(json))
      return readAnswer(json, session.redactor)
    },
    signal,
    input,
  )
}

/** What a server could repeat in an error. */
function textsOf({ content }: Message): readonly string[] {
  return typeof content === 'string' ? [content] : content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
}
