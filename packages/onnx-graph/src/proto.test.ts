import { expect, test } from 'vitest'
import { encodeModel, type ModelDef } from './proto.ts'
import { OnnxSession } from './session.ts'

type Field = { readonly field: number; readonly value: number | bigint | Uint8Array }

/** Splits a protobuf message into its fields: an independent reader of the wire format. */
function decode(bytes: Uint8Array): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) throw new Error('the message ends inside a number')
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return BigInt.asIntN(64, value)
    }
  }
  while (at < bytes.length) {
    const key = Number(varint())
    const field = key >> 3
    const wire = key & 7
    if (wire === 0) fields.push({ field, value: varint() })
    else if (wire === 5) {
      fields.push({ field, value: new DataView(bytes.buffer, bytes.byteOffset + at).getFloat32(0, true) })
      at += 4
    } else {
      const length = Number(varint())
      if (wire !== 2 || at + length > bytes.length) throw new Error(`bad field ${field}`)
      fields.push({ field, value: bytes.subarray(at, at + length) })
      at += length
    }
  }
  return fields
}

const all = (fields: readonly Field[], field: number): Field['value'][] =>
  fields.filter((entry) => entry.field === field).map((entry) => entry.value)
const messages = (fields: readonly Field[], field: number): Field[][] =>
  all(fields, field).map((value) => decode(value as Uint8Array))
const texts = (fields: readonly Field[], field: number): string[] =>
  all(fields, field).map((value) => new TextDecoder().decode(value as Uint8Array))
const one = (fields: readonly Field[], field: number): Field[] => {
  const [first] = messages(fields, field)
  if (first === undefined) throw new Error(`no field ${field}`)
  return first
}

/** Softmax of two numbers. */
const pair = (a: number, b: number): number[] => [1 / (1 + Math.exp(b - a)), 1 / (1 + Math.exp(a - b))]

const raw = new Uint8Array(new Float32Array([1.5, -2, 300]).buffer)
const model: ModelDef = {
  irVersion: 9,
  opsets: { '': 20 },
  producer: 'test',
  metadata: { licence: 'MIT', name: 'a model — with é' },
  graph: {
    name: 'main',
    inputs: [{ name: 'x', dtype: 'float32', shape: [2, 3] }],
    outputs: [{ name: 'y', dtype: 'float32', shape: [-1, 2] }],
    initializers: [{ name: 'c', dtype: 'float32', dims: [3], raw }],
    nodes: [
      { op: 'Add', domain: '', name: 'n0', inputs: ['x', 'c'], outputs: ['s'], attributes: {} },
      {
        op: 'Transpose',
        domain: '',
        name: 'n1',
        inputs: ['s'],
        outputs: ['t'],
        attributes: { perm: { ints: [1, 0] } },
      },
      {
        op: 'LeakyRelu',
        domain: '',
        name: 'n2',
        inputs: ['t'],
        outputs: ['u'],
        attributes: { alpha: { float: 0.25 } },
      },
      { op: 'Softmax', domain: '', name: 'n3', inputs: ['u'], outputs: ['y'], attributes: { axis: { int: -1 } } },
    ],
  },
}

test('a decoded model has the fields that were written', () => {
  const fields = decode(encodeModel(model))
  expect(all(fields, 1)).toEqual([9n])
  expect(texts(fields, 2)).toEqual(['test'])
  expect(messages(fields, 8).map((opset) => [texts(opset, 1), all(opset, 2)])).toEqual([[[''], [20n]]])
  expect(messages(fields, 14).map((entry) => [...texts(entry, 1), ...texts(entry, 2)])).toEqual([
    ['licence', 'MIT'],
    ['name', 'a model — with é'],
  ])
  const graph = one(fields, 7)
  const nodes = messages(graph, 1)
  expect(nodes.map((node) => texts(node, 4))).toEqual([['Add'], ['Transpose'], ['LeakyRelu'], ['Softmax']])
  expect(nodes.map((node) => [texts(node, 1), texts(node, 2)])[0]).toEqual([['x', 'c'], ['s']])
  const attributes = nodes.flatMap((node) => messages(node, 5))
  expect(attributes.map((a) => [texts(a, 1)[0], all(a, 20)[0]])).toEqual([
    ['perm', 7n],
    ['alpha', 1n],
    ['axis', 2n],
  ])
  expect(attributes.map((a) => [all(a, 8), all(a, 2), all(a, 3)])).toEqual([
    [[1n, 0n], [], []],
    [[], [0.25], []],
    [[], [], [-1n]],
  ])
  const tensor = one(graph, 5)
  expect([all(tensor, 1), all(tensor, 2), texts(tensor, 8)]).toEqual([[3n], [1n], ['c']])
  expect(all(tensor, 9)).toEqual([raw])
  const dims = messages(one(one(one(one(graph, 12), 2), 1), 2), 1).map((dim) => all(dim, 1))
  expect(dims).toEqual([[], [2n]])
})

test('graph, tensor and string attributes nest', () => {
  const inner = { ...model.graph, name: 'body' }
  const attributes = {
    body: { graph: inner },
    value: { tensor: { name: 'v', dtype: 'int64', dims: [], raw: new Uint8Array(8) } },
    mode: { string: 'add' },
  } as const
  const node = { op: 'Any', domain: 'com.example', name: 'n', inputs: ['', 'x'], outputs: ['y'], attributes }
  const graph = one(decode(encodeModel({ ...model, graph: { ...model.graph, nodes: [node] } })), 7)
  const [written] = messages(graph, 1)
  expect(texts(written ?? [], 1)).toEqual(['', 'x'])
  expect(texts(written ?? [], 7)).toEqual(['com.example'])
  const [body, value, mode] = messages(written ?? [], 5)
  expect(texts(one(body ?? [], 6), 2)).toEqual(['body'])
  expect(messages(one(body ?? [], 6), 1)).toHaveLength(4)
  expect(all(one(value ?? [], 5), 2)).toEqual([7n])
  expect(texts(mode ?? [], 4)).toEqual(['add'])
})

test('ONNX Runtime reads the model and computes with it', async () => {
  const session = await OnnxSession.create(encodeModel(model))
  expect(session.inputs).toEqual({ x: { shape: [2, 3], dtype: 'float32' } })
  const { y } = await session.run({ x: new Float32Array([0, 0, 0, -1.5, 2, -300]) })
  // x + c = [1.5 -2 300; 0 0 0]; transposed, leaky, softmax over the pairs
  const expected = [...pair(1.5, 0), ...pair(-0.5, 0), ...pair(300, 0)]
  expect(y?.shape).toEqual([3, 2])
  for (const [i, value] of expected.entries()) expect(Number(y?.data[i])).toBeCloseTo(value, 6)
  await session.release()
})
