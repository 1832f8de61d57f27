import { afterEach, expect, test, vi } from 'vitest'
import { Tokenizer } from '../policy/tokenizer.ts'
import { readVocabulary } from '../policy/vocabulary.ts'
import { SamplingQueue } from '../host/sampling-queue.ts'
import { planAll, tinyTrainer, tinyWorld } from '../host/tiny-world.fixture.ts'

afterEach(() => vi.restoreAllMocks())

test.each([
  ['<look>a</look><plan>make x < y', 'make x < y'],
  ['<look>a</look><plan>make it red <b>bold</b>', 'make it red < b > bold < / b >'],
])('what the policy writes is read by the common grammar: %s', async (written, executable) => {
  const world = await tinyWorld()
  const trainer = await tinyTrainer(world)
  try {
    const tokens = new Tokenizer(readVocabulary(world.vocabulary)).encode(written)
    // Only the draw is replaced: an untrained policy would not write this.
    const drawn = { tokens, logProbs: tokens.map(() => -1), values: tokens.map(() => 0), version: 0, weights: 'w' }
    vi.spyOn(SamplingQueue.prototype, 'add').mockResolvedValue(drawn)
    const [plan] = await planAll(trainer.thinker, world.inputs.slice(0, 1))
    expect(plan).toMatchObject({ executable, format: { ok: false, problem: '</plan> is missing' } })
    expect(plan?.text).toContain(executable)
  } finally {
    await trainer.close?.()
    world.dispose()
  }
})
