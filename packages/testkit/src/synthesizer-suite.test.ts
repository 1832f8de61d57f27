import type { Sample, Synthesizer } from '@dda-thinker/plugin-api'
import { makePng, makeSample } from './fakes/index.ts'
import { catches } from './meta.fixture.ts'
import { synthesizerSuite } from './synthesizer-suite.ts'

/** Numbers its samples. */
function counter(): Synthesizer {
  return {
    async *synthesize({ seed, count }, { images, signal }) {
      for (const split of ['train', 'held-out'] as const) {
        for (let i = 0; i < count[split]; i++) {
          signal.throwIfAborted()
          const picture = await images.put(makePng({ width: 2 + i, height: 2 }))
          const instruction = `What is left of ${split} ${seed + i}?`
          yield makeSample({ id: `${split}-${i}`, split, images: [picture], instruction })
        }
      }
    },
  }
}

const changed =
  (change: (sample: Sample) => Sample | undefined) =>
  (role: Synthesizer): Synthesizer => ({
    ...role,
    async *synthesize(request, context) {
      for await (const sample of role.synthesize(request, context)) {
        const result = change(sample)
        if (result !== undefined) yield result
      }
    },
  })
let calls = 0

catches<Synthesizer>({
  honest: counter,
  register: (test, factory) => synthesizerSuite({ test, factory }),
  sabotaged: [
    [/well-made/, changed((sample) => ({ ...sample, id: 'same' }))],
    [/well-made/, changed((sample) => (sample.id === 'train-0' ? undefined : sample))],
    [/well-made/, changed((sample) => ({ ...sample, images: makeSample().images }))],
    [/well-made/, changed((sample) => ({ ...sample, checklist: [...sample.checklist, ...sample.checklist] }))],
    [/well-made/, changed((sample) => ({ ...sample, difficulty: { rollouts: 1, mean: 1, std: 0, solved: 1 } }))],
    [/JSON/, changed((sample) => ({ ...sample, difficulty: undefined }) as unknown as Sample)],
    [/held-out sample is a training/, changed((sample) => ({ ...sample, instruction: 'Why?' }))],
    [/same request/, changed((sample) => ({ ...sample, instruction: `${calls++}` }))],
    [/another seed/, changed((sample) => ({ ...sample, instruction: sample.id }))],
    [
      /asked for nothing/,
      (role) => ({
        ...role,
        synthesize: ({ seed }, context) => role.synthesize({ seed, count: { train: 6, 'held-out': 3 } }, context),
      }),
    ],
    [
      /aborted already/,
      (role) => ({
        ...role,
        synthesize: (request, context) =>
          role.synthesize(request, { ...context, signal: new AbortController().signal }),
      }),
    ],
  ],
})
