import { type Static, Type } from '@dda-thinker/plugin-api'
import type { Scorer } from '../scoring/scorer.ts'
import { sampleIdOf, withoutEnd } from './completion-text.ts'

/** `POST /verify` of a NeMo-Gym resources server (07d6b0d): the row of the data set and the response of the model. */
export const VerifyRequestSchema = Type.Object(
  {
    responses_create_params: Type.Object({}, { additionalProperties: true }),
    response: Type.Object(
      { output: Type.Array(Type.Object({}, { additionalProperties: true })) },
      { additionalProperties: true, description: 'Of the Responses API.' },
    ),
    sample_id: Type.Optional(Type.String({ description: 'Here, or within `verifier_metadata`.' })),
    verifier_metadata: Type.Optional(Type.Object({}, { additionalProperties: true })),
  },
  { additionalProperties: true },
)

export const VerifyReplySchema = Type.Object(
  { reward: Type.Number(), reward_components: Type.Record(Type.String(), Type.Number()) },
  {
    additionalProperties: true,
    description: 'The request, the reward, and its streams: in one object and each as a field.',
  },
)

interface Message {
  readonly type?: unknown
  readonly role?: unknown
  readonly content?: unknown
}

/** It has no mask: a reward is waited for, and where there is none the answer is an error. */
export async function verifyForNemoGym(
  request: Static<typeof VerifyRequestSchema>,
  scorer: Scorer,
  streams: readonly string[],
): Promise<Static<typeof VerifyReplySchema>> {
  const sampleId = sampleIdOf(request.sample_id ?? request.verifier_metadata)
  const score = await scorer.insist({ completion: withoutEnd(lastMessage(request.response.output)), sampleId })
  // The keys have to be equal for all tasks.
  const components = Object.fromEntries(streams.map((name) => [name, score.streams[name] ?? 0]))
  const { responses_create_params, response } = request
  // A field of the row that is called like a stream is not the stream's value.
  const own = { responses_create_params, response, reward: score.reward, reward_components: components }
  return { ...request, ...components, ...own }
}

/** What the assistant said last; its reasoning is an item of its own there. */
function lastMessage(output: readonly Message[]): string {
  const message = output.findLast(({ type, role }) => type === 'message' && role === 'assistant')
  if (typeof message?.content === 'string') return message.content
  const parts = Array.isArray(message?.content) ? (message.content as readonly { readonly text?: unknown }[]) : []
  return parts.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])).join('')
}
