import { maskedCrc32c } from './crc32c.ts'

/** The Event messages of TensorBoard's `event.proto` that this plugin writes. */
export type EventBody =
  | { readonly fileVersion: string }
  /** Purges what earlier files of the folder hold from this step on. */
  | { readonly sessionStart: true }
  /** Scalars by tag, in single precision as `simple_value` is. */
  | { readonly scalars: Readonly<Record<string, number>> }
  /** By tag. */
  | { readonly pictures: Readonly<Record<string, EventPicture>> }

/** PNG or JPEG, and its size in pixels. */
export interface EventPicture {
  readonly width: number
  readonly height: number
  readonly bytes: Uint8Array
}

/** `Summary.Image.colorspace` of RGB. */
const RGB = 3

/**
 * One TFRecord with one Event: length (uint64), masked CRC of the length, data, masked CRC of the data, little-endian.
 *
 * @param wallTime seconds since 1970
 * @param step a whole number, at least 0
 */
export function eventRecord(wallTime: number, step: number, body: EventBody): Buffer {
  const data = Buffer.concat([double(1, wallTime), key(2, 0), varint(step), encodeBody(body)])
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(data.length))
  return Buffer.concat([length, crc(length), data, crc(data)])
}

function encodeBody(body: EventBody): Buffer {
  if ('fileVersion' in body) return delimited(3, Buffer.from(body.fileVersion))
  // SessionLog.status = START
  if ('sessionStart' in body) return delimited(7, Buffer.concat([key(1, 0), varint(1)]))
  const values =
    'scalars' in body
      ? Object.entries(body.scalars).map(([tag, value]) => summaryValue(tag, float(2, value)))
      : Object.entries(body.pictures).map(([tag, picture]) => summaryValue(tag, delimited(4, encodePicture(picture))))
  return delimited(5, Buffer.concat(values))
}

function summaryValue(tag: string, value: Buffer): Buffer {
  return delimited(1, Buffer.concat([delimited(1, Buffer.from(tag)), value]))
}

/** `Summary.Image`. */
function encodePicture({ width, height, bytes }: EventPicture): Buffer {
  const numbers = [height, width, RGB].flatMap((value, i) => [key(i + 1, 0), varint(value)])
  return Buffer.concat([...numbers, delimited(4, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))])
}

function crc(bytes: Buffer): Buffer {
  const out = Buffer.alloc(4)
  out.writeUInt32LE(maskedCrc32c(bytes))
  return out
}

/** The key of a protobuf field: its number and its wire type. */
function key(field: number, wireType: number): Buffer {
  return varint(field * 8 + wireType)
}

/** Division rather than shifts: a step may have more than 32 bits. */
function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Buffer.from([...bytes, rest])
}

function delimited(field: number, data: Buffer): Buffer {
  return Buffer.concat([key(field, 2), varint(data.length), data])
}

function double(field: number, value: number): Buffer {
  const out = Buffer.alloc(8)
  out.writeDoubleLE(value)
  return Buffer.concat([key(field, 1), out])
}

function float(field: number, value: number): Buffer {
  const out = Buffer.alloc(4)
  out.writeFloatLE(value)
  return Buffer.concat([key(field, 5), out])
}
