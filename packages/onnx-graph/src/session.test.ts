import { expect, test } from 'vitest'
import { decoder } from './decoder.fixture.ts'
import * as ops from './index.ts'
import { allocateOutputs, availableProviders, Graph, gradients, OnnxSession, type Feed } from './index.ts'

async function code(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => `${(error as { code: string }).code}: ${(error as Error).message}`,
  )
}

async function open(): Promise<OnnxSession> {
  const g = new Graph()
  const x = g.input('x', [2, 3])
  const ids = g.input('ids', [ops.DYNAMIC], 'int32')
  const flag = g.input('flag', [], 'bool')
  g.output('y', ops.where(flag, ops.mul(x, 2), x))
  g.output('z', ops.gather(x, ids))
  return OnnxSession.create(g.build())
}

const good = { x: new Float32Array(6), ids: { data: new Int32Array(2), shape: [2] }, flag: new Uint8Array(1) }

test('feeds are checked before the runtime sees them', async () => {
  const session = await open()
  const bad = async (feeds: Record<string, Feed>): Promise<string> => code(session.run({ ...good, ...feeds }))
  expect(await bad({ x: new Float32Array(5) })).toBe("DDA_FEED: input 'x' has 5 elements where [2,3] needs 6")
  expect(await bad({ x: new Int32Array(6) })).toBe("DDA_FEED: input 'x' is a Int32Array, which does not carry float32")
  expect(await bad({ x: { data: new Float32Array(6), shape: [3, 2] } })).toContain('has shape [3,2] where')
  expect(await bad({ ids: { data: new Int32Array(0), shape: [0] } })).toBe("DDA_FEED: input 'ids' is empty: [0]")
  expect(await bad({ ids: new Int32Array(2) })).toContain('feed it with its shape')
  expect(await bad({ ghost: new Float32Array(1) })).toBe(
    "DDA_FEED: the model has no input 'ghost'; it has x, ids, flag",
  )
  expect(await bad({ x: new Float32Array(new SharedArrayBuffer(24)) })).toContain('SharedArrayBuffer')
  expect(await code(session.run({ x: good.x, ids: good.ids }))).toBe("DDA_FEED: input 'flag' is missing")
  expect(await code(session.run(good, { outputs: ['ghost'] }))).toContain("no output 'ghost'")
  expect(await code(session.run({ ...good, ids: { data: new Int32Array([9, 0]), shape: [2] } }))).toContain('DDA_RUN')
  await session.release()
  await session.release()
  expect(await code(session.run(good))).toContain('DDA_SESSION')
})

test('outputs can be chosen and given arrays of their own', async () => {
  const session = await open()
  const x = new Float32Array([1, 2, 3, 4, 5, 6])
  const feeds = { ...good, x, flag: new Uint8Array([1]) }
  const into = allocateOutputs(session)
  expect(Object.keys(into)).toEqual(['y'])
  const out = await session.run(feeds, { outputs: ['y'], into })
  expect(Object.keys(out)).toEqual(['y'])
  expect(out['y']?.data).toBe(into['y'])
  expect([...(into['y'] ?? [])]).toEqual([2, 4, 6, 8, 10, 12])
  const all = await session.run({ ...feeds, ids: { data: new Int32Array([1, 0, 1]), shape: [3] } })
  expect(all['z']?.shape).toEqual([3, 3])
  expect([...(all['z']?.data ?? [])]).toEqual([4, 5, 6, 1, 2, 3, 4, 5, 6])
  expect(await code(session.run(feeds, { into: { y: x } }))).toContain('overlaps an input')
  expect(await code(session.run(feeds, { into: { y: new Float32Array(5) } }))).toContain('is not float32[2,3]')
  await session.release()
})

test('a changed input array is seen by the next run', async () => {
  const session = await open()
  const x = new Float32Array(6)
  await session.run({ ...good, x })
  x.fill(3)
  const out = await session.run({ ...good, x }, { outputs: ['y'] })
  expect([...(out['y']?.data ?? [])]).toEqual([3, 3, 3, 3, 3, 3])
  await session.release()
})

test('a provider that does not work is refused and the working ones are named', async () => {
  const working = await availableProviders()
  expect(working).toContain('cpu')
  const g = new Graph()
  g.output('y', ops.add(g.input('x', [1]), 1))
  const refused = await code(OnnxSession.create(g.build(), { provider: 'no-such-provider' }))
  expect(refused).toContain("DDA_PROVIDER_UNAVAILABLE: execution provider 'no-such-provider' does not work here")
  expect(refused).toContain(working.join(', '))
})

test('a model that the runtime refuses is a coded error', async () => {
  expect(await code(OnnxSession.create(new Uint8Array([1, 2, 3])))).toContain('DDA_SESSION')
})

test('gradients are the same bits on every run and with any number of threads', async () => {
  // Large enough for ONNX Runtime to split the work.
  const { shapes, feeds, build } = decoder({
    layers: 1,
    width: 64,
    hidden: 128,
    heads: 4,
    length: 32,
    batch: 16,
    vocabulary: 50,
  })
  const graph = new Graph()
  const parameters = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, graph.parameter(name, shape)]),
  )
  const loss = build(parameters, graph)
  const names = Object.keys(parameters)
  for (const [i, gradient] of gradients(loss, Object.values(parameters)).entries())
    graph.output(`d_${names[i]}`, gradient)
  const model = graph.build()
  const weights = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], seed) => {
      const size = shape.reduce((a, b) => a * b, 1)
      return [name, Float32Array.from({ length: size }, (_, i) => 0.2 * Math.sin(i * 1.7 + seed))]
    }),
  )
  const results = new Set<string>()
  for (const [threads, runs] of [
    [2, 6],
    [1, 1],
  ] as const) {
    const session = await OnnxSession.create(model, { threads })
    for (let run = 0; run < runs; run++) {
      const out = await session.run({ ...feeds, ...weights })
      const bytes = Object.values(out).map(({ data }) =>
        Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1'),
      )
      expect(Array.from(out['d_embed']?.data ?? [], Number).some((value) => value !== 0)).toBe(true)
      results.add(bytes.join('|'))
    }
    await session.release()
  }
  expect(results.size).toBe(1)
})
