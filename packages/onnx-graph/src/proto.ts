/**
 * Writes ONNX models in the protobuf wire format, without a protobuf library: the ten message types that a model
 * needs are few and frozen (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, fields numbered as there).
 */

/** `TensorProto.DataType` codes of the element types in use. */
export const ELEMENT_TYPE = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const

/** Element type of a tensor. */
export type DType = keyof typeof ELEMENT_TYPE

/** An initialiser or a tensor attribute; `raw` holds the elements little-endian, in row-major order. */
export interface TensorDef {
  readonly name: string
  readonly dtype: DType
  readonly dims: readonly number[]
  readonly raw: Uint8Array
}

/** One value of a node attribute. */
export type AttributeValue =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }
  | { readonly tensor: TensorDef }
  | { readonly graph: GraphDef }

export interface NodeDef {
  readonly op: string
  /** Operator domain; '' is standard ONNX. */
  readonly domain: string
  readonly name: string
  /** Value names; '' stands for an absent optional one. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, AttributeValue>>
}

/** A graph input or output; a negative size is one that is known at run time only. */
export interface ValueDef {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
}

export interface GraphDef {
  readonly name: string
  readonly nodes: readonly NodeDef[]
  readonly initializers: readonly TensorDef[]
  readonly inputs: readonly ValueDef[]
  readonly outputs: readonly ValueDef[]
}

export interface ModelDef {
  readonly irVersion: number
  /** Operator set version by domain. */
  readonly opsets: Readonly<Record<string, number>>
  readonly producer: string
  readonly graph: GraphDef
  /** Free text key-value pairs that travel with the model. */
  readonly metadata?: Readonly<Record<string, string>>
}

const utf8 = new TextEncoder()
const VARINT = 0
const LENGTH_DELIMITED = 2
const FIXED32 = 5
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, ints: 7 } as const

/** Appends fields to one message; grows by doubling. */
class MessageWriter {
  private buffer = new Uint8Array(64)
  private length = 0

  private reserve(extra: number): void {
    if (this.length + extra <= this.buffer.length) return
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.length + extra))
    grown.set(this.buffer.subarray(0, this.length))
    this.buffer = grown
  }

  private varint(value: number): void {
    this.reserve(10)
    if (value >= 0) {
      let rest = value
      while (rest > 127) {
        this.buffer[this.length++] = (rest % 128) | 128
        rest = Math.floor(rest / 128)
      }
      this.buffer[this.length++] = rest
      return
    }
    // A negative int64 is its two's complement and always takes ten bytes.
    let rest = BigInt.asUintN(64, BigInt(value))
    while (rest > 127n) {
      this.buffer[this.length++] = Number(rest & 127n) | 128
      rest >>= 7n
    }
    this.buffer[this.length++] = Number(rest)
  }

  int(field: number, value: number): this {
    this.varint(field * 8 + VARINT)
    this.varint(value)
    return this
  }

  float(field: number, value: number): this {
    this.varint(field * 8 + FIXED32)
    this.reserve(4)
    new DataView(this.buffer.buffer).setFloat32(this.length, value, true)
    this.length += 4
    return this
  }

  bytes(field: number, value: Uint8Array): this {
    this.varint(field * 8 + LENGTH_DELIMITED)
    this.varint(value.length)
    this.reserve(value.length)
    this.buffer.set(value, this.length)
    this.length += value.length
    return this
  }

  text(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value))
  }

  message(field: number, fill: (writer: MessageWriter) => void): this {
    const inner = new MessageWriter()
    fill(inner)
    return this.bytes(field, inner.finish())
  }

  finish(): Uint8Array {
    return this.buffer.subarray(0, this.length)
  }
}

function writeTensor(writer: MessageWriter, tensor: TensorDef): void {
  for (const size of tensor.dims) writer.int(1, size)
  writer.int(2, ELEMENT_TYPE[tensor.dtype]).text(8, tensor.name).bytes(9, tensor.raw)
}

function writeAttribute(writer: MessageWriter, name: string, value: AttributeValue): void {
  writer.text(1, name)
  if ('float' in value) writer.float(2, value.float).int(20, ATTRIBUTE_TYPE.float)
  else if ('int' in value) writer.int(3, value.int).int(20, ATTRIBUTE_TYPE.int)
  else if ('string' in value) writer.text(4, value.string).int(20, ATTRIBUTE_TYPE.string)
  else if ('tensor' in value) writer.message(5, (t) => writeTensor(t, value.tensor)).int(20, ATTRIBUTE_TYPE.tensor)
  else if ('graph' in value) writer.message(6, (g) => writeGraph(g, value.graph)).int(20, ATTRIBUTE_TYPE.graph)
  else {
    for (const item of value.ints) writer.int(8, item)
    writer.int(20, ATTRIBUTE_TYPE.ints)
  }
}

function writeNode(writer: MessageWriter, node: NodeDef): void {
  for (const name of node.inputs) writer.text(1, name)
  for (const name of node.outputs) writer.text(2, name)
  writer.text(3, node.name).text(4, node.op)
  for (const [name, value] of Object.entries(node.attributes)) writer.message(5, (a) => writeAttribute(a, name, value))
  if (node.domain !== '') writer.text(7, node.domain)
}

function writeValue(writer: MessageWriter, value: ValueDef): void {
  writer.text(1, value.name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.int(1, ELEMENT_TYPE[value.dtype]).message(2, (shape) => {
        for (const size of value.shape) shape.message(1, (dim) => void (size >= 0 && dim.int(1, size)))
      }),
    ),
  )
}

function writeGraph(writer: MessageWriter, graph: GraphDef): void {
  for (const node of graph.nodes) writer.message(1, (n) => writeNode(n, node))
  writer.text(2, graph.name)
  for (const tensor of graph.initializers) writer.message(5, (t) => writeTensor(t, tensor))
  for (const value of graph.inputs) writer.message(11, (v) => writeValue(v, value))
  for (const value of graph.outputs) writer.message(12, (v) => writeValue(v, value))
}

/** The bytes of an `.onnx` file. */
export function encodeModel(model: ModelDef): Uint8Array {
  const writer = new MessageWriter()
  writer.int(1, model.irVersion).text(2, model.producer)
  writer.message(7, (g) => writeGraph(g, model.graph))
  for (const [domain, version] of Object.entries(model.opsets)) {
    writer.message(8, (opset) => opset.text(1, domain).int(2, version))
  }
  for (const [key, value] of Object.entries(model.metadata ?? {})) {
    writer.message(14, (entry) => entry.text(1, key).text(2, value))
  }
  return writer.finish().slice()
}
