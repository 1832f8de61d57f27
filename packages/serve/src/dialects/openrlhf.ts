import { type Static, Type } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import type { Scorer } from '../scoring/scorer.ts'
import { LabelSchema, sampleIdOf, withoutEnd } from './completion-text.ts'

/** `remote_rm_url` of OpenRLHF (0.11.2): lists of one, in time-outs of 180 s, five times. */
export const OpenRlhfRequestSchema = Type.Object(
  {
    query: Type.Array(Type.String(), { description: 'Prompt and response in one text.' }),
    prompts: Type.Array(Type.String()),
    labels: Type.Array(LabelSchema),
  },
  { additionalProperties: true },
)

const list = Type.Array(Type.Number())
export const OpenRlhfReplySchema = Type.Object({
  rewards: list,
  scores: list,
  extra_logs: Type.Record(Type.String(), list, { description: 'Streams of the reward, the same for every request.' }),
})

const TIMEOUT = 180

/** It has no mask: a reward is waited for, and where there is none the answer is an error. */
export async function scoreForOpenRlhf(
  { query, prompts, labels }: Static<typeof OpenRlhfRequestSchema>,
  scorer: Scorer,
  streams: readonly string[],
): Promise<Static<typeof OpenRlhfReplySchema>> {
  const begun = performance.now()
  const scores = await Promise.all(
    query.map((text, i) => {
      const prompt = prompts[i]
      if (prompt === undefined || !text.startsWith(prompt)) throw errors.make('DDA_SERVE_REQUEST/completion')
      const completion = withoutEnd(text.slice(prompt.length))
      return scorer.insist({ completion, sampleId: sampleIdOf(labels[i]), deadlineSeconds: TIMEOUT }, begun)
    }),
  )
  const rewards = scores.map(({ reward }) => reward)
  const logs = streams.map((name) => [name, scores.map((score) => score.streams[name] ?? 0)] as const)
  return { rewards, scores: rewards, extra_logs: Object.fromEntries(logs) }
}
