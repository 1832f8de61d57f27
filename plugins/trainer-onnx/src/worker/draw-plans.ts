import type { RunOutput } from '@dda-thinker/onnx-graph'
import { parameterViews } from '../policy/parameters.ts'
import { samplingUniform } from '../policy/random.ts'
import { END_ID } from '../policy/vocabulary.ts'
import type { SampledPlan, SampleRow } from '../protocol/plan-rows.ts'
import type { LearnerSettings } from '../protocol/settings.ts'
import { readPrefixes } from './read-prefixes.ts'
import { inverseTemperatures } from './rows.ts'
import type { Sessions } from './sessions.ts'

/** A plan as it was drawn, not yet signed with the policy that it is of. */
export type DrawnPlan = Omit<SampledPlan, 'version' | 'weights'>

/** Draws one plan a row, at most a micro-batch of them. @param theta flat weights of the policy */
export async function drawPlans(
  sessions: Sessions,
  { config, microBatch }: Pick<LearnerSettings, 'config' | 'microBatch'>,
  theta: Float32Array,
  images: readonly Uint8Array[],
  rows: readonly SampleRow[],
): Promise<DrawnPlan[]> {
  // One size for all: ONNX Runtime splits products by their size, and a row's bits must not depend on who shares its batch.
  const bucket = { prefixes: microBatch, perPrefix: 1, prompt: config.maxPrompt, plan: config.maxPlan }
  const { prefixes: batch, plan } = bucket
  const uniforms = new Float32Array(plan * batch)
  const greedy = new Uint8Array(batch)
  const active = new Uint8Array(batch)
  for (const [i, row] of rows.entries()) {
    active[i] = 1
    greedy[i] = row.temperature === 0 ? 1 : 0
    for (let t = 0; t < plan; t++) uniforms[t * batch + i] = samplingUniform(row.seed, t)
  }
  const weights = parameterViews(config, theta)
  const prefixes = await readPrefixes(sessions, config, weights, images, rows, batch)
  const session = await sessions.get('sample', bucket)
  const out = await session.run({
    ...weights,
    ...prefixes,
    inverseTemperature: inverseTemperatures(Array.from({ length: batch }, (_, i) => rows[i])),
    uniforms,
    greedy,
    active,
  })
  const tokens = out['tokens']?.data as Int32Array
  const [logProb, value] = [floats(out, 'logProb'), floats(out, 'value')]
  const steps = out['tokens']?.shape[0] ?? 0
  return rows.map((_, i) => {
    const column = Array.from({ length: steps }, (_, t) => tokens[t * batch + i] ?? 0)
    const end = column.indexOf(END_ID)
    const length = end < 0 ? steps : end + 1
    const take = (values: Float32Array): number[] => Array.from({ length }, (_, t) => values[t * batch + i] ?? 0)
    return { tokens: column.slice(0, length), logProbs: take(logProb), values: take(value) }
  })
}

function floats(out: Readonly<Record<string, RunOutput>>, name: string): Float32Array {
  return out[name]?.data as Float32Array
}
