import assert from 'node:assert/strict'
import { SCOPES, type RoleContext, type Sample, type SynthesisRequest, type Synthesizer } from '@dda-thinker/plugin-api'
import { deepFreeze, makeContext } from './fakes/index.ts'
import { collect, stopsWhenAborted, withRole, type SuiteOptions } from './harness.ts'

export interface SynthesizerSuiteOptions extends SuiteOptions<Synthesizer> {
  /** What is asked for. Default: seed 1, 6 training and 3 held-out samples. */
  readonly request?: SynthesisRequest
  /** Does it give exactly the counts asked for? Default true; false for a dataset that may run out. */
  readonly exactCounts?: boolean
  /** Has every sample a reference and a checklist? Default true; false for data that may get them later. */
  readonly complete?: boolean
  /** Do other seeds give other samples? Default true; false for a fixed dataset. */
  readonly seeded?: boolean
}

const REQUEST: SynthesisRequest = { seed: 1, count: { train: 6, 'held-out': 3 } }

/** Registers the conformance tests of a synthesizer. */
export function synthesizerSuite(options: SynthesizerSuiteOptions): void {
  const { test, factory, exactCounts = true, seeded = true, complete = true } = options
  const request = deepFreeze(structuredClone(options.request ?? REQUEST))

  const synthesize = async (asked: SynthesisRequest): Promise<{ samples: Sample[]; context: RoleContext }> => {
    const context = makeContext({ seed: asked.seed })
    const samples = await withRole(factory(), context, (role) => collect(role.synthesize(asked, context)))
    return { samples, context }
  }

  test('gives well-made samples of each split', async () => {
    const { samples, context } = await synthesize(request)
    assert.equal(new Set(samples.map(({ id }) => id)).size, samples.length, 'sample ids are unique')
    for (const split of ['train', 'held-out'] as const) {
      const count = samples.filter((sample) => sample.split === split).length
      if (exactCounts) assert.equal(count, request.count[split], `${split} samples`)
      else assert.ok(count <= request.count[split], `at most ${request.count[split]} ${split} samples, got ${count}`)
    }
    for (const sample of samples) {
      checkSample(sample, complete)
      for (const image of sample.images)
        assert.ok((await context.images.get(image)).length > 0, 'its pictures are stored')
    }
  })

  test('samples survive being written as JSON and read again', async () => {
    const { samples } = await synthesize(request)
    assert.deepEqual(JSON.parse(JSON.stringify(samples)), samples)
  })

  test('no held-out sample is a training sample', async () => {
    const { samples } = await synthesize(request)
    const train = new Set(samples.filter(({ split }) => split === 'train').map(taskOf))
    for (const sample of samples)
      assert.ok(sample.split === 'train' || !train.has(taskOf(sample)), `sample ${sample.id}`)
  })

  test('the same request gives the same samples in the same order', async () => {
    assert.deepEqual((await synthesize(request)).samples, (await synthesize(request)).samples)
  })

  if (seeded) {
    test('another seed gives other samples', async () => {
      const other = { ...request, seed: request.seed + 1 }
      assert.notDeepEqual((await synthesize(other)).samples, (await synthesize(request)).samples)
    })
  }

  test('asked for nothing it gives nothing', async () => {
    const nothing = { ...request, count: { train: 0, 'held-out': 0 } }
    assert.deepEqual((await synthesize(nothing)).samples, [])
  })

  test('streams: whoever takes one sample need not wait for the rest', async () => {
    const context = makeContext({ seed: request.seed })
    await withRole(factory(), context, async (role) => {
      for await (const sample of role.synthesize(request, context)) {
        checkSample(sample, complete)
        break
      }
    })
  })

  test('does not work when its signal is aborted already', () =>
    stopsWhenAborted(async (signal) => {
      const context = makeContext({ signal })
      return withRole(factory(), context, (role) => collect(role.synthesize(request, context)))
    }))
}

function checkSample(sample: Sample, complete: boolean): void {
  const { id, images, instruction, category, reference, checklist, provenance, demonstration } = sample
  const what = `sample ${id}`
  assert.ok(id.length > 0 && category.length > 0, `${what} has an id and a category`)
  assert.ok(images.length > 0, `${what} has a source picture`)
  for (const text of [instruction, complete ? reference : 'none', demonstration ?? 'none'])
    assert.ok(text.trim().length > 0, `${what}: text`)
  assert.ok(provenance.plugin.length > 0, `${what} says which plugin made it`)
  assert.equal(sample.difficulty, undefined, `${what}: difficulty is measured by curation, not claimed by synthesis`)
  if (complete) assert.ok(checklist.length > 0, `${what} has a checklist`)
  assert.equal(new Set(checklist.map((item) => item.id)).size, checklist.length, `${what}: item ids are unique`)
  for (const item of checklist) {
    assert.ok(SCOPES.includes(item.scope) && item.question.trim().length > 0, `${what}: item ${item.id}`)
    assert.ok(item.expected === 'yes' || item.expected === 'no', `${what}: item ${item.id} expects yes or no`)
    assert.ok((item.weight ?? 1) > 0, `${what}: item ${item.id} has a positive weight`)
  }
}

function taskOf({ instruction, images }: Sample): string {
  return `${instruction} ${images.map(({ hash }) => hash).join()}`
}
