import swagger from '@fastify/swagger'
import { createHttpService, fired, type HttpService, type HttpServiceOptions, waitFor } from '@dda-thinker/http-service'
import type { DdaError } from '@dda-thinker/plugin-api'
import { DEFAULT_PLAN_TAGS, type PlanTags } from '@dda-thinker/plan-text'
import type { Scoring, Workspace } from '@dda-thinker/runs'
import { dialectRoutes } from './routes/dialect-routes.ts'
import { metricsRoute } from './routes/metrics.ts'
import { scoreRoutes } from './routes/score-routes.ts'
import { Scorer } from './scoring/scorer.ts'

export interface RewardServiceOptions extends Omit<HttpServiceOptions, 'statusOf' | 'open'> {
  readonly scoring: Scoring
  readonly images: Workspace['images']
  /** Tags of the plans that callers send. Default `<look>` and `<plan>`. */
  readonly tags?: PlanTags
  /** Seconds before which every request is answered. Default: a margin before the caller's time-out, or 100. */
  readonly deadlineSeconds?: number | undefined
  /** Distinct requests under way at most; what comes above is refused with 503. Default 20,000. */
  readonly waiting?: number
}

export interface RewardService {
  readonly http: HttpService
  readonly scorer: Scorer
  /**
   * Serves until `stop` fires, then takes nothing new: every request under way has until its deadline, and jobs as long as a request
   * without one. Work that is under way after that is the caller's to end.
   *
   * @param abort ends the waiting at once
   * @returns requests that were cut off
   */
  readonly until: (stop: AbortSignal, abort?: AbortSignal) => Promise<number>
}

/** Seconds that an answer may be on its way. */
const DRAIN_MARGIN = 5

const STATUS: Readonly<Record<string, number>> = {
  DDA_SERVE_JOB_UNKNOWN: 404,
  DDA_SCORE_SAMPLE_UNKNOWN: 404,
  DDA_SCORE_SAMPLE_TAKEN: 409,
  DDA_SERVE_REQUEST: 422,
}

/** What is wrong with a request is told as such; anything else of ours may be better the next time, or at another replica. */
function statusOf({ code }: DdaError): number | undefined {
  if (code.startsWith('DDA_HTTP_')) return undefined
  return STATUS[code] ?? (code.startsWith('DDA_IMAGE_') ? 422 : 503)
}

/**
 * The engine of a run over HTTP. The caller lets it listen, and drains it.
 *
 * @throws DdaError `DDA_HTTP_NO_TOKEN`, `DDA_HTTP_TOKEN_WEAK`
 */
export async function createRewardService(options: RewardServiceOptions): Promise<RewardService> {
  const { scoring, images, tags = DEFAULT_PLAN_TAGS, deadlineSeconds, waiting = 20_000, ...rest } = options
  const scorer = new Scorer({
    scoring,
    reading: { scoring, images, tags },
    deadlineSeconds,
    waiting,
    onScore: ({ status, failure, cache }) => metrics.scored(status, failure?.kind ?? '', cache),
  })
  const drainSeconds = () => scorer.secondsToAnswer + DRAIN_MARGIN
  const http = createHttpService({ drainSeconds, ...rest, statusOf })
  const { app } = http
  const streams = scoring.streams.map(({ name }) => name)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Rewards of DDA-Thinker', version: '1', description: 'Plans in, dual-atomic rewards out.' },
    },
  })
  const metrics = metricsRoute(app, scoring, scorer)
  await app.register(async (routes) => {
    scoreRoutes(routes, scorer)
    dialectRoutes(routes, scorer, streams)
    routes.get('/v1/info', { schema: { summary: 'What the service scores with' } }, () => ({
      streams,
      tags,
      samples: scoring.samples.size,
      deadlineSeconds: scorer.deadline(undefined),
    }))
    routes.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
  })
  const until = async (stop: AbortSignal, abort?: AbortSignal): Promise<number> => {
    await fired(stop)
    const begun = performance.now()
    const lost = await http.drain(abort)
    await waitFor(scorer.settled(), scorer.deadline(undefined) - (performance.now() - begun) / 1000, abort)
    return lost
  }
  return { http, scorer, until }
}
