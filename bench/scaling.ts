// How long many rollouts take, how many Editors and judges they want, and what a lost replica costs: npm run build && npx jiti bench/scaling.ts
//
// A simulation of the service as discrete events (scaling/simulate.ts), fed by what calls took in a small real run of the engine, whose Editors and judges
// take log-normal times; then checked against further real runs with other numbers of Editors and another load. Exits with 1 where a
// prediction misses by more than a tenth. Then the plan of docs/scaling.md: 10^7 rollouts.
//
// A 99th percentile is a matter of tails. So times are drawn from the log-normal law that fits the measured calls best, not from the calls themselves, of
// which even the longest is no rare one; and the real runs are so long that theirs is known: of 240 rollouts it is that of the three slowest, which
// another draw of the same law moves by an eighth.
import { parseArgs } from 'node:util'
import { mulberry32 } from '@dda-thinker/plugin-api'
import { realRun } from './scaling/real-run.ts'
import { type Draw, type Forecast, simulate } from './scaling/simulate.ts'

const { values } = parseArgs({
  options: {
    /** Of each real run that is predicted. */
    rollouts: { type: 'string', default: '2000' },
    /** Rollouts of the plan that are simulated one by one. */
    planned: { type: 'string', default: '200000' },
    'plan-only': { type: 'boolean', default: false },
  },
})
const count = Number(values.rollouts)
const TOLERANCE = 0.1

/** Seconds with a median and a spread, as calls of model servers take them. */
function logNormal(median: number, sigma: number, seed: number): Draw {
  const random = mulberry32(seed)
  return () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return median * Math.exp(sigma * normal)
  }
}

/** The log-normal law under which what was measured is likeliest. */
function fitted(seconds: readonly number[]): (seed: number) => Draw {
  const logs = seconds.map(Math.log)
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length
  return (seed) => logNormal(Math.exp(mean), Math.sqrt(variance), seed)
}

/** Poisson arrivals. @param rate a second; Infinity: all at once */
function arrivals(rollouts: number, rate: number, seed: number): number[] {
  const random = mulberry32(seed)
  let at = 0
  return Array.from({ length: rollouts }, () => (at += rate === Infinity ? 0 : -Math.log(1 - random()) / rate))
}

function quantile(seconds: readonly number[], part: number): number {
  const sorted = seconds.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
}

const round = (value: number): number => Number(value.toPrecision(3))

async function check(): Promise<boolean> {
  const world = (editSlots: number, judgeSlots: number, seed: number) => ({
    editSlots,
    judgeSlots,
    edit: logNormal(2, 0.5, seed),
    judge: logNormal(0.5, 0.4, seed + 1),
  })
  const first = await realRun(world(64, 64, 1), arrivals(count / 2, Infinity, 2))
  const [edit, judge] = [fitted(first.edits), fitted(first.judgements)]
  const rows: Record<string, object> = {}
  let good = true
  const cases = [
    ['a batch at once, 128 Editors', 128, 64, Infinity],
    ['a batch at once, judges are short', 256, 32, Infinity],
    ['open loop at 80 % of the Editors', 192, 96, (0.8 * 192) / (2 * Math.exp(0.125))],
  ] as const
  for (const [name, editSlots, judgeSlots, rate] of cases) {
    const times = arrivals(count, rate, 3)
    const real = await realRun(world(editSlots, judgeSlots, 11), times)
    // What is predicted is the mean of several draws; the real run is one.
    const forecasts = Array.from({ length: 40 }, (_, seed) =>
      simulate(
        {
          replicas: 1,
          editSlots,
          judgeSlots,
          edit: edit(100 + seed),
          judge: judge(200 + seed),
          overhead: first.overhead,
        },
        times,
      ),
    )
    const mean = (of: (forecast: Forecast) => number) =>
      forecasts.reduce((sum, forecast) => sum + of(forecast), 0) / forecasts.length
    const realMean = real.waits.reduce((sum, wait) => sum + wait, 0) / real.waits.length
    for (const [what, predicted, found] of [
      ['seconds in all', mean(({ seconds }) => seconds), real.seconds],
      ['mean wait', mean((forecast) => forecast.mean), realMean],
      ['p99 wait', mean(({ p99 }) => p99), quantile(real.waits, 0.99)],
    ] as const) {
      const error = predicted / found - 1
      if (Math.abs(error) > TOLERANCE) good = false
      rows[`${name}: ${what}`] = { predicted: round(predicted), real: round(found), 'error %': round(100 * error) }
    }
  }
  console.table(rows)
  console.log(`${round(first.overhead * 1000)} ms of the processor a rollout`)
  return good
}

function plan(): void {
  const simulated = Number(values.planned)
  const TOTAL = 1e7
  // A step: 512 groups of 8. Synchronous: the next one begins when the last rollout is in.
  const STEP = 4096
  const rows: Record<string, object> = {}
  for (const [name, editSlots, judgeSlots, replicas, isSynchronous] of [
    ['256 Editors, steps wait', 256, 128, 4, true],
    ['256 Editors, one step ahead', 256, 128, 4, false],
    ['1,024 Editors, steps wait', 1024, 512, 8, true],
    ['1,024 Editors, one step ahead', 1024, 512, 8, false],
    ['1,024 Editors, too few judges', 1024, 128, 8, false],
  ] as const) {
    const base = {
      replicas,
      editSlots,
      judgeSlots,
      edit: logNormal(6, 0.4, 5),
      judge: logNormal(1.2, 0.5, 6),
      overhead: 0.0015,
    }
    let hours: number
    let forecast: Forecast
    if (isSynchronous) {
      const steps = Math.ceil(simulated / STEP)
      let seconds = 0
      forecast = simulate(base, arrivals(STEP, Infinity, 7))
      for (let step = 0; step < steps; step += 1) seconds += simulate(base, arrivals(STEP, Infinity, 7 + step)).seconds
      hours = ((seconds / (steps * STEP)) * TOTAL) / 3600
    } else {
      // Always a step's worth of work in the queues: the time is that of the tightest station.
      forecast = simulate(base, arrivals(simulated, Infinity, 7))
      hours = ((forecast.seconds / simulated) * TOTAL) / 3600
    }
    rows[name] = {
      hours: round(hours),
      'rollouts/s': round(TOTAL / hours / 3600),
      'Editors busy %': round(100 * forecast.editorsBusy),
      'judges busy %': round(100 * forecast.judgesBusy),
    }
  }
  console.table(rows)
  const world = {
    replicas: 8,
    editSlots: 1024,
    judgeSlots: 512,
    edit: logNormal(6, 0.4, 5),
    judge: logNormal(1.2, 0.5, 6),
    overhead: 0.0015,
  }
  const times = arrivals(STEP * 4, 130, 8)
  const whole = simulate(world, times)
  const broken = simulate({ ...world, loss: { at: 40, retryAfter: 2, backAfter: 60 } }, times)
  console.table({
    'nothing is lost': {
      seconds: round(whole.seconds),
      'p50 s': round(whole.p50),
      'p99 s': round(whole.p99),
      'edits made again': 0,
    },
    'one replica of 8 is lost for a minute': {
      seconds: round(broken.seconds),
      'p50 s': round(broken.p50),
      'p99 s': round(broken.p99),
      'edits made again': broken.lost,
    },
  })
}

const good = values['plan-only'] || (await check())
plan()
if (!good) process.exitCode = 1
