import { Type } from '@dda-thinker/plugin-api'
import { jsonLine } from '@dda-thinker/store'
import type { FastifyInstance } from 'fastify'
import { errors } from '../errors.ts'
import type { ViewedProject } from '../records/viewed-project.ts'
import type { NewAnswers } from '../wire/view-data.ts'

/** Answers of one request, and bytes of them. */
const MOST = 200
const BODY = 2 ** 20

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength })
const ANSWERS = Type.Object(
  {
    row: Type.Integer({ minimum: 0 }),
    rollout: text(2000),
    by: text(200),
    blind: Type.Optional(Type.Boolean()),
    answers: Type.Array(
      Type.Object(
        {
          item: text(2000),
          answer: Type.Union([Type.Literal('yes'), Type.Literal('no'), Type.Literal('unsure'), Type.Null()]),
          note: Type.Optional(Type.String({ maxLength: 20_000 })),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: MOST },
    ),
  },
  { additionalProperties: false },
)

interface RunParams {
  readonly run: string
}

/** What people say of rollouts: the one thing that the page adds to a record. */
export function addAnnotationRoutes(app: FastifyInstance, project: ViewedProject): void {
  app.get<{ Params: RunParams; Querystring: { by?: string } }>(
    '/data/runs/:run/annotations.json',
    async ({ params, query: { by } }) => {
      const all = await (await project.answers(params.run)).current()
      return by === undefined ? all : all.filter((one) => one.by === by)
    },
  )
  app.get<{ Params: RunParams; Querystring: { row?: string; by?: string } }>(
    '/data/runs/:run/questions.json',
    async ({ params, query: { row, by = '' } }) =>
      (await (await project.answers(params.run)).questions(number(row), by)) ?? null,
  )
  app.post<{ Params: RunParams; Body: NewAnswers }>(
    '/data/runs/:run/annotations.json',
    { schema: { body: ANSWERS }, bodyLimit: BODY },
    async ({ params, body }, reply) => reply.code(201).send(await (await project.answers(params.run)).add(body)),
  )
  app.get<{ Params: RunParams }>('/data/runs/:run/agreement.json', async ({ params }) =>
    (await project.answers(params.run)).agreement(),
  )
  app.get<{ Params: RunParams }>('/data/runs/:run/calibration.jsonl', async ({ params }, reply) => {
    const items = await (await project.answers(params.run)).calibration()
    return reply
      .type('application/jsonl; charset=utf-8')
      .header('content-disposition', 'attachment; filename="calibration.jsonl"')
      .send(items.map((item) => `${jsonLine(item)}\n`).join(''))
  })
  app.get<{ Params: RunParams; Querystring: { seed?: string; rows?: string } }>(
    '/data/runs/:run/draws.bin',
    async ({ params, query }, reply) => {
      const draws = (await project.answers(params.run)).draws(number(query.seed), number(query.rows))
      return reply.type('application/octet-stream').send(Buffer.from(draws.buffer))
    },
  )
}

function number(given = '0'): number {
  if (!/^\d{1,9}$/.test(given))
    throw errors.make('DDA_VIEW_REQUEST', { problem: 'a seed, a row or a count is no number' })
  return Number(given)
}
