import { expect, test } from 'vitest'
import { emit1 } from './emit.ts'
import * as ops from './index.ts'
import { Graph, gradients, OnnxSession, type Tensor } from './index.ts'

function code(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`
  }
  return 'no error'
}

const f = (graph: Graph, name: string, shape: readonly number[]): Tensor => graph.input(name, shape)

test('shapes are inferred', () => {
  const g = new Graph()
  const x = f(g, 'x', [2, 3, 4])
  expect(ops.add(x, f(g, 'row', [4])).shape).toEqual([2, 3, 4])
  expect(ops.matmul(x, f(g, 'm', [5, 2, 6, 4]), { transB: true }).shape).toEqual([5, 2, 3, 6])
  expect(ops.reshape(x, [6, -1]).shape).toEqual([6, 4])
  expect(ops.reshape(x, [2, 3, 4])).toBe(x)
  expect(ops.slice(x, -1, -3).shape).toEqual([2, 3, 3])
  expect(ops.gather(x, g.constant([0, 1, 1, 0], [2, 2], 'int32'), 1).shape).toEqual([2, 2, 2, 4])
  expect(ops.reduceSum(x, [0, -1]).shape).toEqual([3])
  expect(ops.concat([x, f(g, 'cache', [2, ops.DYNAMIC, 4])], 1).shape).toEqual([2, ops.DYNAMIC, 4])
  expect(ops.equal(x, 0).dtype).toBe('bool')
  expect(ops.where(ops.equal(x, 0), 1, ops.MASKED).dtype).toBe('float32')
})

test('a mistake is named with its operation and shapes', () => {
  const g = new Graph()
  const x = f(g, 'x', [4, 8])
  const y = f(g, 'y', [9, 3])
  expect(code(() => ops.matmul(x, y))).toBe('DDA_GRAPH_SHAPE: MatMul [4,8] x [9,3]: inner sizes 8 and 9 differ')
  expect(code(() => ops.add(x, y))).toBe('DDA_GRAPH_SHAPE: Add [4,8] x [9,3]: shapes do not broadcast')
  expect(code(() => ops.reshape(x, [5, -1]))).toContain('DDA_GRAPH_SHAPE: Reshape [4,8] x [5,?]')
  expect(code(() => ops.concat([x, y], 0))).toContain('DDA_GRAPH_SHAPE: Concat')
  expect(code(() => ops.split(x, [1, 2], 0))).toContain('DDA_GRAPH_SHAPE: Split')
  expect(code(() => ops.slice(x, 0, 4))).toContain('DDA_GRAPH_SHAPE: Slice')
  expect(code(() => ops.reduceSum(x, [2]))).toContain('axis 2 is out of range')
  expect(code(() => ops.add(x, g.constant([1], [], 'int32')))).toContain('DDA_GRAPH_DTYPE: Add')
  expect(code(() => ops.gather(x, x))).toContain('are not int32 or int64')
  expect(code(() => g.constant([1.5], [], 'int32'))).toContain('DDA_GRAPH_DTYPE')
  expect(code(() => g.constant([1, 2], [3]))).toContain('DDA_GRAPH_SHAPE: constant [3]: got 2 elements')
  expect(code(() => g.input('z', [2, 0]))).toContain('must not be empty')
  expect(code(() => g.input('x', [2]))).toContain('DDA_GRAPH_NAME')
  expect(code(() => g.input('t12', [2]))).toContain('DDA_GRAPH_NAME')
  expect(code(() => ops.add(x, f(new Graph(), 'other', [4, 8])))).toContain('belongs to another graph')
  expect(code(() => new Graph().build())).toContain('no outputs')
})

test('kernels that race or kill the process cannot be emitted', () => {
  const x = f(new Graph(), 'x', [4, 8])
  expect(code(() => emit1('ScatterND', [x, x, x], [4, 8], 'float32'))).toContain('DDA_GRAPH_UNSAFE_OP')
  const attributes = { transBatchB: { int: 1 } }
  expect(code(() => emit1('FusedMatMul', [x, x], [4, 4], 'float32', { attributes }))).toContain('DDA_GRAPH_UNSAFE_OP')
})

test('a gradient never ends silently', () => {
  const g = new Graph()
  const w = g.parameter('w', [4])
  expect(code(() => ops.reduceMax(w))).toContain('DDA_GRAPH_NO_GRADIENT: ReduceMax')
  expect(code(() => ops.cast(w, 'int32'))).toContain('DDA_GRAPH_NO_GRADIENT: Cast')
  expect(code(() => ops.cumSum(w, 0))).toContain('DDA_GRAPH_NO_GRADIENT: CumSum')
  expect(ops.reduceMax(ops.detach(w)).shape).toEqual([])
  expect(code(() => gradients(ops.square(w), [w]))).toContain('the loss must be one number')
  const other = g.parameter('other', [2])
  const loss = ops.reduceSum(ops.square(w))
  expect(code(() => gradients(loss, [w, other]))).toContain('DDA_GRAPH_NO_GRADIENT: the loss does not depend on other')
  expect(gradients(loss, [w, other], { unused: 'zero' }).map((t) => t.shape)).toEqual([[4], [2]])
})

test('equal small constants are one constant, and so is a large array used twice', () => {
  const g = new Graph()
  expect(g.scalar(2)).toBe(g.scalar(2))
  expect(g.scalar(2)).not.toBe(g.scalar(3))
  expect(g.constant([1, 2], [2], 'int64')).not.toBe(g.constant([1, 2], [2], 'int32'))
  const large = new Float32Array(1000)
  expect(g.constant(large, [10, 100])).toBe(g.constant(large, [10, 100]))
  expect(g.constant(large, [10, 100])).not.toBe(g.constant(large, [1000]))
})

test('outputs are named without copies, and what they do not need is left out', async () => {
  const g = new Graph()
  const x = f(g, 'x', [2])
  const doubled = ops.mul(x, 2)
  ops.exp(doubled)
  g.output('doubled', doubled)
  expect(g.nodes.filter((node) => node.op === 'Identity')).toHaveLength(0)
  const text = Buffer.from(g.build()).toString('latin1')
  expect(text).toContain('Mul')
  expect(text).not.toContain('Exp')
  // The same value again, an input and a constant need a copy each.
  g.output('again', doubled)
  g.output('same', x)
  g.output('constant', g.scalar(7))
  const session = await OnnxSession.create(g.build({ note: 'kept' }))
  const out = await session.run({ x: new Float32Array([1, 2]) })
  expect(Object.values(out).map((value) => [...(value.data as Float32Array)])).toEqual([[2, 4], [2, 4], [1, 2], [7]])
  expect(session.outputs).toEqual(g.signature().outputs)
  await session.release()
})

test('gradients of several parameters through shared values add up', async () => {
  const g = new Graph()
  const [a, b] = [g.parameter('a', []), g.parameter('b', [])]
  const product = ops.mul(a, b)
  const loss = ops.add(ops.square(product), ops.mul(product, 3))
  const [da, db, dp] = gradients(loss, [a, b, product])
  for (const [name, tensor] of Object.entries({ da, db, dp })) if (tensor !== undefined) g.output(name, tensor)
  const session = await OnnxSession.create(g.build())
  const out = await session.run({ a: new Float32Array([2]), b: new Float32Array([5]) })
  expect(['da', 'db', 'dp'].map((name) => out[name]?.data[0])).toEqual([5 * 23, 2 * 23, 23])
  await session.release()
})

test('both lowerings compute the same, and the portable one is standard ONNX', async () => {
  const results = []
  for (const lowering of ['fast', 'portable'] as const) {
    const g = new Graph({ lowering })
    const q = f(g, 'q', [2, 1, 3, 4])
    g.output('y', ops.rmsNorm(ops.gelu(ops.attention(q, ops.mul(q, 0.5), q, { mask: ops.causalMask(q, 3) }))))
    const bytes = g.build()
    expect(Buffer.from(bytes).includes('com.microsoft')).toBe(lowering === 'fast')
    const session = await OnnxSession.create(bytes)
    const out = await session.run({ q: Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)) })
    results.push(out['y']?.data as Float32Array)
    await session.release()
  }
  const [fast, portable] = results
  expect(fast?.length).toBe(24)
  for (const [i, value] of (fast ?? []).entries()) expect(value).toBeCloseTo(portable?.[i] ?? NaN, 5)
})
