import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Scoring } from '@dda-thinker/runs'
import type { Scorer } from '../scoring/scorer.ts'

/** Seconds: from cached verdicts to slow Editors. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 180]

/** `GET /metrics` in the text format of Prometheus; every name begins with `dda_`, those of the process are the usual ones. */
export function metricsRoute(app: FastifyInstance, scoring: Scoring, scorer: Scorer) {
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register })
  const requests = new Counter({
    name: 'dda_http_requests_total',
    help: 'Requests answered, by route and status.',
    labelNames: ['route', 'status'] as const,
    registers,
  })
  const seconds = new Histogram({
    name: 'dda_http_request_seconds',
    help: 'From the request to the answer.',
    labelNames: ['route'] as const,
    buckets: BUCKETS,
    registers,
  })
  const scores = new Counter({
    name: 'dda_scores_total',
    help: 'Scores given, by status; of masked ones by the kind of the failure.',
    labelNames: ['status', 'kind', 'cache'] as const,
    registers,
  })
  const { stats, ledger } = scoring
  gauge('dda_requests_under_way', 'Distinct requests that the engine works on.', () => scorer.busy)
  gauge('dda_edits_made_total', 'Edits that were bought.', () => stats.edits.made)
  gauge('dda_edits_reused_total', 'Edits that a kept or shared result saved.', () => stats.edits.reused)
  gauge('dda_judgements_made_total', 'Judgements that were bought.', () => stats.judgements.made)
  gauge('dda_judgements_reused_total', 'Judgements that a kept or shared result saved.', () => stats.judgements.reused)
  gauge('dda_edits_gated_total', 'Edits that the gate saved.', () => stats.gated)
  gauge('dda_money_total', "Money spent, in the project's currency, of all sessions of the run.", () =>
    ledger.sums.all().reduce((sum, { money = 0 }) => sum + money, 0),
  )
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    requests.inc({ route, status: reply.statusCode })
    seconds.observe({ route }, reply.elapsedTime / 1000)
    done()
  })
  app.get('/metrics', { schema: { summary: 'Metrics in the text format of Prometheus' } }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await register.metrics()),
  )
  return { scored: (status: string, kind: string, cache: string) => scores.inc({ status, kind, cache }) }

  function gauge(name: string, help: string, read: () => number): void {
    const shown: Gauge = new Gauge({ name, help, registers: [], collect: () => shown.set(read()) })
    register.registerMetric(shown)
  }
}
