import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/*
 * A real ONNX model of two nodes, GlobalAveragePool and Flatten, written in the protobuf wire format (onnx.proto, fields numbered as
 * there): its embedding of a picture is the mean of each channel, which a test can work out by hand.
 */

function varint(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest & 127) | 128)
  }
}

const int = (field: number, value: number): number[] => [...varint(field << 3), ...varint(value)]
const bytes = (field: number, body: readonly number[]): number[] => [
  ...varint((field << 3) | 2),
  ...varint(body.length),
  ...body,
]
const text = (field: number, value: string): number[] => bytes(field, [...Buffer.from(value)])

/** ValueInfoProto of a float tensor; a string is a size known at run time only. */
function value(name: string, shape: readonly (number | string)[]): number[] {
  const dims = shape.flatMap((size) => bytes(1, typeof size === 'string' ? text(2, size) : int(1, size)))
  const tensor = [...int(1, 1), ...bytes(2, dims)]
  return [...text(1, name), ...bytes(2, bytes(1, tensor))]
}

function node(op: string, input: string, output: string): number[] {
  return [...text(1, input), ...text(2, output), ...text(4, op)]
}

/** Input `pixel_values` `[1, 3, H, W]`, outputs `image_embeds` `[1, 3]` and `map`, the pooled tensor `[1, 3, 1, 1]`. */
export function meanColourModel(): Uint8Array {
  const graph = [
    ...bytes(1, node('GlobalAveragePool', 'pixel_values', 'map')),
    ...bytes(1, node('Flatten', 'map', 'image_embeds')),
    ...text(2, 'mean-colour'),
    ...bytes(11, value('pixel_values', [1, 3, 'height', 'width'])),
    ...bytes(12, value('image_embeds', [1, 3])),
    ...bytes(12, value('map', [1, 3, 1, 1])),
  ]
  // IR version 8, operator set 13 of the standard domain.
  return Uint8Array.from([...int(1, 8), ...bytes(7, graph), ...bytes(8, int(2, 13))])
}

export async function writeModel(content: Uint8Array = meanColourModel()): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'judge-onnx-')), 'model.onnx')
  await writeFile(file, content)
  return file
}

/** Preparation that leaves pixel values as they are, but for the division by 255. */
export const PLAIN = {
  size: 8,
  fit: 'stretch' as const,
  kernel: 'nearest' as const,
  mean: [0, 0, 0] as [number, number, number],
  std: [1, 1, 1] as [number, number, number],
}
