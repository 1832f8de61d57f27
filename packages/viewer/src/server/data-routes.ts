import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { encodeChunk, type Held, NOTHING } from '../columns/wire.ts'
import { errors } from '../errors.ts'
import type { ViewedProject } from '../records/viewed-project.ts'

/** Milliseconds after which the columns are given as far as they are read: so that the first rollouts are seen at once. */
const PATIENCE = 120
/** Rollouts or samples of one answer. */
const MOST = 512
/** Characters that are searched for. */
const LONGEST = 200

interface RunParams {
  readonly run: string
}

interface ColumnsQuery extends Partial<Record<keyof Held | 'generation' | 'blind', string>> {}

/** The records as the page asks for them. An export has the same under the same names. */
export function addDataRoutes(app: FastifyInstance, project: ViewedProject): void {
  app.get('/data/head.json', () => project.head())
  app.get('/data/funnel.json', () => project.funnel())
  app.get<{ Querystring: { a?: string; b?: string } }>('/data/compare.json', ({ query }) =>
    project.compare(query.a ?? '', query.b ?? ''),
  )
  app.get<{ Params: RunParams; Querystring: ColumnsQuery }>(
    '/data/runs/:run/columns.bin',
    async ({ params, query }, reply) => {
      const { index } = await project.run(params.run)
      await Promise.race([index.refresh(), sleep(PATIENCE)])
      const state = index.state()
      // Whoever has columns of a journal that was written anew begins again.
      const from = Number(query.generation ?? 0) === state.generation ? heldOf(query) : NOTHING
      const bytes = encodeChunk(index.columns, from, state, query.blind === '1')
      return reply.type('application/octet-stream').send(Buffer.from(bytes.buffer))
    },
  )
  app.get<{ Params: RunParams; Querystring: { rows?: string } }>(
    '/data/runs/:run/rollouts.json',
    async ({ params, query }) => {
      const run = await project.run(params.run)
      return run.rollouts(places(query.rows))
    },
  )
  app.get<{ Params: RunParams; Querystring: { samples?: string } }>(
    '/data/runs/:run/samples.json',
    async ({ params, query }) => {
      const run = await project.run(params.run)
      return run.samples(places(query.samples))
    },
  )
  app.get<{ Params: RunParams }>('/data/runs/:run/metrics.json', async ({ params }) =>
    (await project.run(params.run)).metrics(),
  )
  app.get<{ Params: RunParams; Querystring: { text?: string; rows?: string } }>(
    '/data/runs/:run/search.bin',
    async ({ params, query }, reply) => {
      const { index } = await project.run(params.run)
      const wanted = (query.text ?? '').slice(0, LONGEST)
      if (wanted === '') throw errors.make('DDA_VIEW_REQUEST', { problem: 'there is no text to search for' })
      // Of as many rows as the caller has, at least: one that asks a server that was just started would find nothing.
      const rows = place(query.rows ?? '0')
      await index.reach(({ texts }) => texts.length >= rows)
      const found = index.texts.search(wanted, (bytes, text, from) =>
        Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(text, from),
      )
      return reply.type('application/octet-stream').send(Buffer.from(found.buffer))
    },
  )
}

function heldOf(query: ColumnsQuery): Held {
  const held = { ...NOTHING }
  for (const name of Object.keys(NOTHING) as (keyof Held)[]) held[name] = place(query[name] ?? '0')
  return held
}

function places(list: string | undefined): readonly number[] {
  const found = (list ?? '')
    .split(',')
    .filter((one) => one !== '')
    .map(place)
  if (found.length > MOST) throw errors.make('DDA_VIEW_REQUEST', { problem: `more than ${MOST} are asked for` })
  return found
}

function place(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw errors.make('DDA_VIEW_REQUEST', { problem: 'a place is no number' })
  return Number(text)
}
