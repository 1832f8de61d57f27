import type { FastifyInstance } from 'fastify'
import { type Static, Type } from '@dda-thinker/plugin-api'
import { verifyForNemoGym, VerifyReplySchema, VerifyRequestSchema } from '../dialects/nemo-gym.ts'
import { OpenRlhfReplySchema, OpenRlhfRequestSchema, scoreForOpenRlhf } from '../dialects/openrlhf.ts'
import { scoreForSlime, SlimeReplySchema, SlimeRequestSchema } from '../dialects/slime.ts'
import type { Scorer } from '../scoring/scorer.ts'
import { ErrorSchema } from '../wire/score-schema.ts'

const refusals = { '4xx': ErrorSchema, '5xx': ErrorSchema }
const DetailSchema = Type.Object({ detail: Type.Boolean({ default: false }) }, { additionalProperties: false })

/** What other engines send, each as it does. None of them has a mask, so none is told a number for one. */
export function dialectRoutes(app: FastifyInstance, scorer: Scorer, streams: readonly string[]): void {
  app.post<{ Body: Static<typeof OpenRlhfRequestSchema> }>(
    '/get_reward',
    {
      schema: {
        summary: 'remote_rm_url of OpenRLHF',
        body: OpenRlhfRequestSchema,
        response: { 200: OpenRlhfReplySchema, ...refusals },
      },
    },
    async ({ body }) => scoreForOpenRlhf(body, scorer, streams),
  )
  app.post<{ Body: Static<typeof SlimeRequestSchema>; Querystring: Static<typeof DetailSchema> }>(
    '/rm',
    {
      schema: {
        summary: '--rm-url of slime',
        body: SlimeRequestSchema,
        querystring: DetailSchema,
        response: { 200: SlimeReplySchema, ...refusals },
      },
    },
    async ({ body, query: { detail } }, reply) => {
      const score = await scoreForSlime(body, scorer)
      const said = detail ? { reward: score.reward, ...score.streams } : score.reward
      return reply.type('application/json; charset=utf-8').send(JSON.stringify(said))
    },
  )
  app.post<{ Body: Static<typeof VerifyRequestSchema> }>(
    '/verify',
    {
      schema: {
        summary: '/verify of a resources server of NeMo-Gym',
        body: VerifyRequestSchema,
        response: { 200: VerifyReplySchema, ...refusals },
      },
    },
    async ({ body }) => verifyForNemoGym(body, scorer, streams),
  )
  // Its agents open a session before each rollout. There is none to keep here.
  app.post('/seed_session', { schema: { summary: '/seed_session of NeMo-Gym' } }, () => ({}))
}
