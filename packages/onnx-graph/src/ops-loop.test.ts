import { expect, test } from 'vitest'
import * as ops from './index.ts'
import { DYNAMIC, Graph, loop, OnnxSession, type Feed, type RunOutput } from './index.ts'

async function run(graph: Graph, feeds: Record<string, Feed>): Promise<Record<string, RunOutput>> {
  const session = await OnnxSession.create(graph.build())
  try {
    return await session.run(feeds)
  } finally {
    await session.release()
  }
}

const numbers = (out: RunOutput | undefined): number[] => Array.from(out?.data ?? [], Number)

const fill = (n: number, scale: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => scale * Math.sin(i + 1))

test('a running sum carries its state and collects it', async () => {
  const g = new Graph()
  const rows = g.input('rows', [4, 2])
  const { state, scans } = loop(g, {
    trips: 4,
    state: { sum: g.constant([0, 0], [2]) },
    body: ({ iteration, state: { sum } }) => {
      const next = ops.add(sum, ops.gather(rows, iteration))
      return { state: { sum: next }, scans: { sums: next } }
    },
  })
  expect(scans.sums.shape).toEqual([4, 2])
  g.output('total', state.sum)
  g.output('sums', scans.sums)
  const out = await run(g, { rows: new Float32Array([1, 10, 2, 20, 3, 30, 4, 40]) })
  expect(numbers(out['total'])).toEqual([10, 100])
  expect(numbers(out['sums'])).toEqual([1, 10, 3, 30, 6, 60, 10, 100])
})

test('a recurrent cell reads weights from outside, and what is constant runs once', async () => {
  const g = new Graph()
  const [w, u, x] = [g.input('w', [2, 3]), g.input('u', [3, 3]), g.input('x', [5, 1, 2])]
  const { state, scans } = loop(g, {
    trips: 5,
    state: { h: g.constant(new Float32Array(3), [1, 3]) },
    body: ({ iteration, state: { h } }) => {
      // Depends on outer values alone: belongs outside the loop.
      const halved = ops.mul(u, 0.5)
      const drive = ops.linear(ops.gather(x, iteration), w)
      const next = ops.tanh(ops.add(drive, ops.linear(h, halved)))
      return { state: { h: next }, scans: { sum: ops.reduceSum(next) } }
    },
  })
  expect(g.nodes.map((node) => node.op)).toEqual(['Mul', 'Loop'])
  g.output('h', state.h)
  g.output('sum', scans.sum)
  const [wv, uv, xv] = [fill(6, 0.7), fill(9, 0.9), fill(10, 1)]
  const out = await run(g, { w: wv, u: uv, x: xv })
  let h = [0, 0, 0]
  const sums: number[] = []
  for (let t = 0; t < 5; t++) {
    h = h.map((_, j) => {
      let v = 0
      for (let i = 0; i < 2; i++) v += (xv[t * 2 + i] ?? 0) * (wv[i * 3 + j] ?? 0)
      for (let i = 0; i < 3; i++) v += (h[i] ?? 0) * 0.5 * (uv[i * 3 + j] ?? 0)
      return Math.tanh(v)
    })
    sums.push(h.reduce((a, b) => a + b, 0))
  }
  for (const [i, value] of h.entries()) expect(numbers(out['h'])[i]).toBeCloseTo(value, 5)
  for (const [i, value] of sums.entries()) expect(numbers(out['sum'])[i]).toBeCloseTo(value, 5)
})

test('a cache grows from nothing, is attended to, and the loop can end early', async () => {
  const g = new Graph()
  const keys = g.input('keys', [6, 1, 1, 1, 2])
  const limit = g.input('limit', [], 'int64')
  const { state, scans } = loop(g, {
    trips: 6,
    state: { k: g.constant([], [1, 1, 0, 2]) },
    shapes: { k: [1, 1, DYNAMIC, 2] },
    body: ({ iteration, state: { k } }) => {
      const step = ops.gather(keys, iteration)
      const cache = ops.concat([k, step], 2)
      const seen = ops.attention(step, cache, cache)
      return {
        state: { k: cache },
        scans: { seen, step: iteration },
        proceed: ops.less(ops.add(iteration, 1), limit),
      }
    },
  })
  expect(scans.seen.shape).toEqual([DYNAMIC, 1, 1, 1, 2])
  g.output('cache', state.k)
  g.output('seen', scans.seen)
  g.output('steps', scans.step)
  const keyValues = Float32Array.from({ length: 12 }, (_, i) => Math.cos(i))
  const out = await run(g, { keys: keyValues, limit: new BigInt64Array([4n]) })
  expect(numbers(out['steps'])).toEqual([0, 1, 2, 3])
  expect(out['cache']?.shape).toEqual([1, 1, 4, 2])
  expect(numbers(out['cache'])).toEqual([...keyValues.subarray(0, 8)])
  const key = (t: number): [number, number] => [keyValues[t * 2] ?? 0, keyValues[t * 2 + 1] ?? 0]
  for (let t = 0; t < 4; t++) {
    const [a, b] = key(t)
    const weights = [...Array(t + 1).keys()].map((s) => Math.exp((a * key(s)[0] + b * key(s)[1]) / Math.SQRT2))
    const total = weights.reduce((x, y) => x + y, 0)
    const expected = weights.reduce((sum, weight, s) => sum + (weight / total) * key(s)[0], 0)
    expect(numbers(out['seen'])[t * 2]).toBeCloseTo(expected, 5)
  }
})

test('states that are passed on unchanged, exchanged or constant are legal', async () => {
  const g = new Graph()
  const { state } = loop(g, {
    trips: 3,
    state: { a: g.scalar(1), b: g.scalar(2), c: g.scalar(5) },
    body: ({ state: { a, b } }) => ({ state: { a: b, b: a, c: g.scalar(9) }, scans: {} }),
  })
  for (const name of ['a', 'b', 'c'] as const) g.output(name, state[name])
  const out = await run(g, {})
  expect(['a', 'b', 'c'].map((name) => numbers(out[name])[0])).toEqual([2, 1, 9])
})

test('loops nest', async () => {
  const g = new Graph()
  const x = g.input('x', [])
  const { state } = loop(g, {
    trips: 3,
    state: { s: g.scalar(0) },
    body: ({ iteration, state: { s } }) => {
      const outer = ops.cast(iteration, 'float32')
      const inner = loop(s.graph, {
        trips: 2,
        state: { t: s },
        body: ({ state: { t } }) => ({ state: { t: ops.add(ops.add(t, outer), x) }, scans: {} }),
      })
      return { state: { s: inner.state.t }, scans: {} }
    },
  })
  g.output('s', state.s)
  const out = await run(g, { x: new Float32Array([10]) })
  expect(numbers(out['s'])).toEqual([66])
})

test('mistakes in a loop are refused', () => {
  const g = new Graph()
  const zero = g.constant([0, 0], [2])
  const w = g.parameter('w', [2])
  let escaped = zero
  const grow = (): unknown =>
    loop(g, {
      trips: 2,
      state: { s: zero },
      body: ({ state: { s } }) => ({ state: { s: ops.concat([s, s], 0) }, scans: {} }),
    })
  expect(grow).toThrow('changes its shape')
  const train = (): unknown =>
    loop(g, { trips: 2, state: { s: zero }, body: ({ state: { s } }) => ({ state: { s: ops.add(s, w) }, scans: {} }) })
  expect(train).toThrow('does not flow through a Loop')
  loop(g, {
    trips: 2,
    state: { s: zero },
    body: ({ state: { s } }) => {
      escaped = ops.add(s, 1)
      return { state: { s: escaped }, scans: {} }
    },
  })
  expect(() => ops.add(escaped, 1)).toThrow('finished Loop body')
})
