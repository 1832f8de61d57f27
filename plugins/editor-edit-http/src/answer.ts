import { isDdaError } from '@dda-thinker/plugin-api'
import { type EndpointError, isAbsence, says, type Redactor } from '@dda-thinker/endpoints'
import { callErrors } from './errors.ts'

/** What the Editor needs of an answer; the echo of the source picture, GPU and task ids are left behind. */
export interface Answer {
  readonly base64: string
  /** The prompt as the server rewrote it. */
  readonly enhancedPrompt?: string
  /** The seed as the server used it. */
  readonly seed?: number
}

/**
 * Reads `{ success, edited_image, seed, enhanced_prompt, error }` (EditThinker, inference/server/apis/*_edit_api.py).
 * @throws DdaError by {@link failureOf} where `success` is false; `DDA_EDITOR_EMPTY` without a picture
 */
export function readAnswer(
  body: unknown,
  { resultField, redactor, plan }: { readonly resultField: string; readonly redactor: Redactor; readonly plan: string },
): Answer {
  const answer = typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {}
  const { success, error, seed, enhanced_prompt: enhanced } = answer
  if (success === false) throw failureOf(redactor.excerpt(typeof error === 'string' ? error : 'no reason given'), plan)
  const base64 = answer[resultField]
  if (typeof base64 !== 'string' || base64 === '') {
    throw callErrors.make('DDA_EDITOR_EMPTY/field', { resultField }, { kind: 'bad-output', transient: true })
  }
  return {
    base64,
    ...(typeof enhanced === 'string' && enhanced !== '' ? { enhancedPrompt: enhanced } : {}),
    ...(typeof seed === 'number' ? { seed } : {}),
  }
}

/** The servers say everything with a 500; their texts tell a full queue and a queue's time-out from a real failure. */
const TEXTS = [
  { text: /任务队列已满|queue (?:is )?full/i, key: 'DDA_ENDPOINT_RATE_LIMIT/queue', kind: 'rate-limit' },
  { text: /任务超时|timed? ?out/i, key: 'DDA_ENDPOINT_TIMEOUT/queue', kind: 'timeout' },
] as const

/** A server's own account of a failed edit, as an error of the right kind. Words of the plan in it say nothing. */
export function failureOf(message: string, plan: string): EndpointError {
  const known = TEXTS.find(({ text }) => says(message, text, [plan]))
  return callErrors.make(known?.key ?? 'DDA_ENDPOINT_SERVER/edit', { message }, { kind: known?.kind ?? 'server' })
}

/** {@link failureOf} for answers with status 500; other errors as they are. */
export function readFailure(error: unknown, plan: string): unknown {
  if (!isDdaError(error) || error.code !== 'DDA_ENDPOINT_SERVER') return error
  // What a gateway says for a server that is away stays what it is.
  return isAbsence(error) ? error : failureOf(error.message, plan)
}

/** @throws DdaError `DDA_EDITOR_NOT_READY` where `/health` says that no GPU worker is up */
export function checkHealth(answer: unknown, url: string): void {
  const { gpu_manager_ready: ready } = (answer ?? {}) as { gpu_manager_ready?: unknown }
  if (ready !== false) return
  throw callErrors.make('DDA_EDITOR_NOT_READY', { url }, { kind: 'server' })
}
