import { EndpointError, says } from '@dda-thinker/endpoints'
import { callErrors } from './errors.ts'

/** vLLM-Omni: "`prompt` is too long ...: got 1500 tokens"; OpenAI: "Invalid 'prompt': string too long ... (string_above_max_length)". */
const TOO_LONG = /\bprompt\W{1,4}(?:is|string) too long|string_above_max_length/i

/**
 * A plan that the server finds too long, which may come as a status of any kind: that is the plan's fault, where
 * another rejected request would be the config's. Words that only repeat the plan say nothing.
 */
export function readFailure(error: unknown, plan: string): unknown {
  if (!(error instanceof EndpointError) || !says(error.message, TOO_LONG, [plan])) return error
  if (error.code !== 'DDA_ENDPOINT_REJECTED' && error.code !== 'DDA_ENDPOINT_SERVER') return error
  return callErrors.make(
    'DDA_EDITOR_PROMPT/server',
    { why: error.message },
    { kind: 'bad-input', transient: false, ...(error.status === undefined ? {} : { status: error.status }) },
  )
}
