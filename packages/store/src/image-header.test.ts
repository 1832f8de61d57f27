import { expect, test } from 'vitest'
import { png } from '../../../test/support/fake-world.ts'
import { readImageHeader } from './image-header.ts'

const ascii = (text: string) => Buffer.from(text, 'latin1')

function jpeg(width: number, height: number): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt16BE(height, 0)
  size.writeUInt16BE(width, 2)
  // Start, an application segment to skip, fill bytes, a progressive frame header.
  return Buffer.concat([
    Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc2, 0, 11, 8]),
    size,
    Buffer.from([1, 1, 0x11, 0, 0xff, 0xd9]),
  ])
}

function webp(chunk: string, body: number[]): Buffer {
  const data = Buffer.alloc(24)
  data.set(body)
  return Buffer.concat([ascii('RIFF'), Buffer.alloc(4), ascii('WEBP'), ascii(chunk), Buffer.alloc(4), data])
}

test.each([
  ['PNG', png(1, 7), { mediaType: 'image/png', width: 7, height: 7 }],
  ['JPEG', jpeg(640, 480), { mediaType: 'image/jpeg', width: 640, height: 480 }],
  [
    'lossy WebP',
    webp('VP8 ', [0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]),
    { mediaType: 'image/webp', width: 640, height: 480 },
  ],
  ['lossless WebP', webp('VP8L', [0x2f, 0x7f, 0xc2, 0x77, 0x00]), { mediaType: 'image/webp', width: 640, height: 480 }],
  [
    'extended WebP',
    webp('VP8X', [0, 0, 0, 0, 0x7f, 0x02, 0, 0xdf, 0x01, 0]),
    { mediaType: 'image/webp', width: 640, height: 480 },
  ],
] as const)('reads the size of a %s', (_name, bytes, expected) => {
  expect(readImageHeader(bytes)).toEqual(expected)
})

function hugePng(width: number, height: number): Uint8Array {
  const bytes = Buffer.from(png(1))
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes
}

test.each([
  ['nothing', new Uint8Array(0), 'no bytes'],
  ['SVG', ascii('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'SVG'],
  ['SVG behind a declaration', ascii('\n<?xml version="1.0"?><svg/>'), 'SVG'],
  ['an error page', ascii('<!DOCTYPE html><p>502</p>'), 'HTML'],
  ['an error object', ascii('{"error":"overloaded"}'), 'JSON'],
  ['noise', Buffer.from([1, 2, 3, 4]), 'neither'],
  ['a cut PNG', png(1).subarray(0, 20), 'without its header'],
  ['a JPEG without a frame', Buffer.from([0xff, 0xd8, 0xff, 0xd9, 0, 2, 0, 0, 0, 0, 0, 0]), 'frame'],
  ['a cut WebP', webp('VP8L', []).subarray(0, 20), 'header'],
  ['a PNG of no width', hugePng(0, 10), 'size'],
  ['a decompression bomb', hugePng(16_000, 16_000), 'limit'],
  ['a side over the limit', hugePng(100_000, 1), 'limit'],
])('refuses %s', (_name, bytes, what) => {
  expect(() => readImageHeader(bytes)).toThrow(
    expect.objectContaining({
      code: 'DDA_IMAGE_INVALID',
      kind: 'bad-output',
      message: expect.stringContaining(what) as string,
    }),
  )
})
