import type { FastifyInstance } from 'fastify'
import { type Static, Type } from '@dda-thinker/plugin-api'
import { errorBody } from '@dda-thinker/http-service'
import type { Scorer } from '../scoring/scorer.ts'
import {
  type BatchRequest,
  BatchRequestSchema,
  BatchSchema,
  ErrorSchema,
  JobSchema,
  type ScoreRequest,
  ScoreRequestSchema,
  ScoreSchema,
} from '../wire/score-schema.ts'

const JobQuerySchema = Type.Object(
  {
    wait: Type.Number({
      minimum: 0,
      maximum: 3600,
      default: 0,
      description: 'Seconds to wait for the end of the job.',
    }),
  },
  { additionalProperties: false },
)

const refusals = { '4xx': ErrorSchema, '5xx': ErrorSchema }

/** The service's own routes: one, many, and for slow Editors enqueue and poll. */
export function scoreRoutes(app: FastifyInstance, scorer: Scorer): void {
  app.post<{ Body: ScoreRequest }>(
    '/v1/score',
    { schema: { summary: 'Score one plan', body: ScoreRequestSchema, response: { 200: ScoreSchema, ...refusals } } },
    async ({ body }) => scorer.score(body),
  )
  app.post<{ Body: BatchRequest }>(
    '/v1/score/batch',
    {
      schema: { summary: 'Score several plans', body: BatchRequestSchema, response: { 200: BatchSchema, ...refusals } },
    },
    async ({ body: { requests, deadlineSeconds } }) => {
      const begun = performance.now()
      const whole = deadlineSeconds === undefined ? {} : { deadlineSeconds }
      const score = async (request: ScoreRequest) =>
        scorer.score({ ...request, ...whole }, begun).catch((error: unknown) => errorBody(error))
      return { results: await Promise.all(requests.map(score)) }
    },
  )
  app.post<{ Body: ScoreRequest }>(
    '/v1/jobs',
    {
      schema: {
        summary: 'Begin to score one plan, to be asked for later',
        body: ScoreRequestSchema,
        response: { 202: JobSchema, ...refusals },
      },
    },
    async ({ body }, reply) => reply.code(202).send(await scorer.enqueue(body)),
  )
  app.get<{ Params: { id: string }; Querystring: Static<typeof JobQuerySchema> }>(
    '/v1/jobs/:id',
    {
      schema: {
        summary: 'Where a job stands',
        params: Type.Object({ id: Type.String({ pattern: '^[0-9a-f]{32}$' }) }),
        querystring: JobQuerySchema,
        response: { 200: JobSchema, ...refusals },
      },
    },
    async ({ params: { id }, query: { wait } }) => scorer.job(id, wait),
  )
}
