import {
  type CurationContext,
  type CurationDecision,
  type Curator,
  CURATORS,
  DdaError,
  type Sample,
} from '@dda-thinker/plugin-api'
import type { Assembly } from '../assembly/assembly.ts'

/**
 * curate: samples pass through the curators of the config in order; what one keeps, in the order it gives, the next one
 * sees. Yields exactly one decision a sample: a curator's refusal as it falls, the last curator's keeps in their order.
 * Without a curator all samples are kept as they come.
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
  const refused: CurationDecision[] = []
  let stream: AsyncIterable<CurationDecision> | undefined
  for (const curator of curators) {
    const input = stream === undefined ? samples : keeps(stream, refused)
    stream = oneEach(assembly, curator, input, context)
  }
  for await (const decision of stream ?? []) {
    for (const earlier of refused.splice(0)) yield await assembly.call('curate', earlier, { step: 0 })
    yield await assembly.call('curate', decision, { step: 0 })
  }
  for (const earlier of refused.splice(0)) yield await assembly.call('curate', earlier, { step: 0 })
}

async function* keeps(decisions: AsyncIterable<CurationDecision>, refused: CurationDecision[]): AsyncIterable<Sample> {
  for await (const decision of decisions) {
    if (decision.kept) yield decision.sample
    else refused.push(decision)
  }
}

async function* oneEach(
  assembly: Assembly,
  curator: Curator,
  samples: AsyncIterable<Sample>,
  context: CurationContext,
): AsyncIterable<CurationDecision> {
  const plugin = assembly.providerOf(curator)
  const open = new Set<string>()
  async function* watched(): AsyncIterable<Sample> {
    for await (const sample of samples) {
      open.add(sample.id)
      yield sample
    }
  }
  for await (const decision of curator.curate(watched(), context)) {
    if (!open.delete(decision.sample.id))
      throw broken(plugin, `sample "${decision.sample.id}" was not asked about, or twice decided`)
    yield decision
  }
  if (open.size > 0) throw broken(plugin, `${open.size} samples got no decision, for example "${[...open][0] ?? ''}"`)
}

function broken(plugin: string, problem: string): DdaError {
  return new DdaError('DDA_CURATOR_BAD_OUTPUT', `${plugin} must decide each sample exactly once: ${problem}`, {
    plugin,
    stage: 'curate',
    next: `Report it to the author of ${plugin}.`,
  })
}
