import {
  type CurationContext,
  type CurationDecision,
  type Curator,
  CURATORS,
  type DdaError,
  decisionProblem,
  DigestSet,
  type Sample,
} from '@dda-thinker/plugin-api'
import type { Assembly } from '../assembly/assembly.ts'
import { errors } from '../errors.ts'
import { Refusals } from './refusals.ts'

/**
 * curate: samples pass through the curators of the config in order; what one keeps, in the order it gives, the next one
 * sees. Yields exactly one decision a sample: a curator's refusal as it falls, the last curator's keeps in their order.
 * Without a curator all samples are kept as they come. Holds a window of samples and a digest of each id.
 *
 * @throws DdaError `DDA_CURATOR_BAD_OUTPUT` naming the plugin where a sample got two decisions, or none
 */
export async function* curateStage(
  assembly: Assembly,
  samples: AsyncIterable<Sample>,
  context: CurationContext,
): AsyncIterable<CurationDecision> {
  const curators = assembly.all(CURATORS)
  if (curators.length === 0) {
    for await (const sample of samples) {
      const kept = { sample, kept: true, reason: 'no curator is configured' }
      yield await assembly.call('curate', kept, { step: 0 })
    }
    return
  }
  const refusals = new Refusals()
  let stream: AsyncIterable<CurationDecision> | undefined
  for (const curator of curators) {
    const input = stream === undefined ? samples : keeps(stream, refusals)
    stream = oneEach(assembly, curator, input, context)
  }
  if (stream === undefined) return
  for await (const decision of refusals.before(stream)) yield await assembly.call('curate', decision, { step: 0 })
}

async function* keeps(decisions: AsyncIterable<CurationDecision>, refusals: Refusals): AsyncIterable<Sample> {
  for await (const decision of decisions) {
    if (decision.kept) yield decision.sample
    else await refusals.put(decision)
  }
}

/** Ids of samples without a decision that are kept to name one in an error. */
const NAMED = 64

async function* oneEach(
  assembly: Assembly,
  curator: Curator,
  samples: AsyncIterable<Sample>,
  context: CurationContext,
): AsyncIterable<CurationDecision> {
  const plugin = assembly.providerOf(curator)
  const asked = new DigestSet()
  const open = new Set<string>()
  let read = false
  async function* watched(): AsyncIterable<Sample> {
    for await (const sample of samples) {
      asked.add(sample.id)
      if (open.size < NAMED) open.add(sample.id)
      yield sample
    }
    read = true
  }
  for await (const decision of curator.curate(watched(), context)) {
    const problem = decisionProblem(decision)
    if (problem !== undefined) throw broken(plugin, problem)
    const { id } = decision.sample
    if (!asked.delete(id)) throw broken(plugin, `sample "${id}" was not asked about, or twice decided`)
    open.delete(id)
    yield { ...decision, curator: plugin }
  }
  const [example] = open
  const named = example === undefined ? '' : `, for example "${example}"`
  if (asked.size > 0) throw broken(plugin, `${asked.size} samples got no decision${named}`)
  if (!read) throw broken(plugin, 'it did not go through all samples, so that some got no decision')
}

function broken(plugin: string, problem: string): DdaError {
  return errors.make('DDA_CURATOR_BAD_OUTPUT', { plugin, problem }, { plugin, stage: 'curate' })
}
