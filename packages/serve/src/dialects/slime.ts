import { type Static, Type } from '@dda-thinker/plugin-api'
import type { Scorer } from '../scoring/scorer.ts'
import type { Score } from '../wire/score-schema.ts'
import { LabelSchema, sampleIdOf, withoutEnd } from './completion-text.ts'

/** `--rm-url` of slime (624b824): one request a sample, 120 s, ten times; the body of the answer is the reward. */
export const SlimeRequestSchema = Type.Object(
  { prompt: Type.Unknown(), response: Type.String(), label: LabelSchema },
  { additionalProperties: true },
)

export const SlimeReplySchema = Type.Union([
  Type.Number(),
  Type.Object(
    { reward: Type.Number() },
    {
      additionalProperties: Type.Number(),
      description: 'With `?detail=true`, for `--reward-key reward`: streams beside it.',
    },
  ),
])

const TIMEOUT = 120

/** It has no mask, as {@link file://./openrlhf.ts}. */
export async function scoreForSlime(
  { response, label }: Static<typeof SlimeRequestSchema>,
  scorer: Scorer,
): Promise<Score & { readonly reward: number }> {
  return scorer.insist({ completion: withoutEnd(response), sampleId: sampleIdOf(label), deadlineSeconds: TIMEOUT })
}
