import { type EndpointError, says, type Redactor } from '@dda-thinker/endpoints'
import { callErrors } from './errors.ts'

type Json = Readonly<Record<string, unknown>>

/** What may pass by itself or on another machine; the rest of what nodes throw comes again with the same input. */
const PASSING = /OutOfMemory|out of memory|\bCUDA\b|cuDNN|cuBLAS|NCCL|\bHIP\b|ConnectionError|Timeout|BrokenPipe/i
/** Nodes that call a provider pass its refusals on as exceptions. */
const REFUSED = /moderation|content[ _]policy|safety (?:system|filter)|nsfw/i

/**
 * The error of a graph that `/prompt` does not take whole. What a server has against a node that the edit fills is the
 * request's fault (`bad-input`); anything else means that this server cannot run the workflow (`unavailable`).
 * @param answer `{ error: { type, message, details }, node_errors: { id: { class_type, errors: [...] } } }`
 * @param slotNodes ids of the nodes that an edit fills
 */
export function refusedGraph(
  answer: Json,
  slotNodes: ReadonlySet<string>,
  redactor: Redactor,
  status?: number,
): EndpointError {
  const nodes = Object.entries(object(answer['node_errors']))
  const lines = nodes.map(([id, node]) => {
    const { class_type: type, errors } = object(node)
    const texts = (Array.isArray(errors) ? errors : []).map((one) => textOf(object(one)))
    return `node ${id} (${word(type)}): ${texts.join('; ')}`
  })
  const own = nodes.length > 0 && nodes.every(([id]) => slotNodes.has(id))
  const said = lines.length > 0 ? lines.join('. ') : textOf(object(answer['error']))
  return callErrors.make(
    own ? 'DDA_EDITOR_GRAPH/slots' : 'DDA_EDITOR_GRAPH/server',
    { said: redactor.excerpt(said, 600) },
    { kind: own ? 'bad-input' : 'unavailable', ...(status === undefined ? {} : { status }) },
  )
}

/**
 * The error of a job whose history says that it failed.
 * @param status `{ status_str, completed, messages }`
 * @param plan its words in a message say nothing
 */
export function failedJob(status: Json, redactor: Redactor, plan: string): EndpointError {
  const messages = Array.isArray(status['messages']) ? status['messages'] : []
  const find = (name: string): unknown => (messages as unknown[]).find((one) => Array.isArray(one) && one[0] === name)
  const interrupted = find('execution_interrupted')
  if (interrupted !== undefined) {
    return callErrors.make('DDA_EDITOR_INTERRUPTED', {}, { kind: 'server' })
  }
  const found = find('execution_error')
  const error = object(Array.isArray(found) ? (found as unknown[])[1] : undefined)
  const [type, message] = [word(error['exception_type']), word(error['exception_message'])]
  const where = `node ${word(error['node_id'])} (${word(error['node_type'])})`
  const text = redactor.excerpt(`${where}: ${type}: ${message}`, 400)
  if (says(message, REFUSED, [plan])) {
    return callErrors.make('DDA_ENDPOINT_REFUSED/edit', { text }, { kind: 'refusal' })
  }
  return callErrors.make(
    'DDA_EDITOR_EXECUTION',
    { text },
    { kind: 'server', transient: says(`${type} ${message}`, PASSING, [plan]) },
  )
}

/** The error of a job that neither the queue nor the history of its server knows. */
export function lostJob(url: string): EndpointError {
  return callErrors.make('DDA_EDITOR_JOB_LOST', { url }, { kind: 'server' })
}

export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}

function word(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'unknown'
}

function textOf({ message, details }: Json): string {
  return [message, details].filter((part) => typeof part === 'string' && part !== '').join(': ')
}
