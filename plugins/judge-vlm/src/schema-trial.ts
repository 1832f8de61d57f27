import { isDdaError } from '@dda-thinker/plugin-api'
import type { EndpointSession } from '@dda-thinker/endpoints'
import { complete, type Message } from '@dda-thinker/endpoints/chat'
import type { JudgeOptions } from './options.ts'
import { requestFields, type Settings } from './settings.ts'

/** Nobody writes it who need not. */
const WORD = 'zq4-held-to-it'

/** An answer that only a server gives that holds its model to a schema: the question asks for something else. */
const SCHEMA = {
  type: 'object',
  properties: { said: { type: 'string', enum: [WORD] } },
  required: ['said'],
  additionalProperties: false,
}
const MESSAGES: readonly Message[] = [
  { role: 'user', content: 'Greet me in one short English sentence. Do not answer in JSON.' },
]

/** Other ways to ask for the same, where one has no effect. */
const INSTEAD: Readonly<Partial<Record<JudgeOptions['structured'], string>>> = {
  guided_json: 'vLLM from 0.12 on wants structured: structured_outputs',
  structured_outputs: 'only vLLM from 0.12 on knows it; others want structured: json_schema',
}

/**
 * Does the server do what `structured` asks of it, or ignore it without a word? One call, whose answer tells; a line for `diagnose`,
 * none where nothing is asked of the server.
 */
export async function trySchema(settings: Settings, session: EndpointSession, signal: AbortSignal): Promise<string[]> {
  const { structured, score } = settings.options
  if (structured === 'none' || score === 'logprobs') return []
  const fields = requestFields(settings, { attempt: 0, sample: 0, schema: SCHEMA })
  try {
    const { text, cut } = await complete(session, { messages: MESSAGES, fields, signal, input: 'schema trial' })
    const isJson = text.trimStart().startsWith('{')
    // A weak model in a grammar may be cut while it writes blanks.
    if (structured === 'json_object' ? isJson : text.includes(WORD) || (cut && isJson)) {
      return [`it holds its answers to structured: ${structured}`]
    }
    const instead = INSTEAD[structured] ?? 'the prompt alone asks for JSON here'
    return [
      `it ignores structured: ${structured} (told to greet, it wrote ${session.redactor.excerpt(text, 60)}): ${instead}`,
    ]
  } catch (error) {
    signal.throwIfAborted()
    if (!isDdaError(error)) throw error
    return [`whether it heeds structured: ${structured} could not be seen: ${error.message}`]
  }
}
