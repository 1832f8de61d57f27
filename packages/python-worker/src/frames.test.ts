import { expect, test } from 'vitest'
import { encodeFrame, FrameReader, type Frame } from './frames.ts'

const frames: Frame[] = [
  {
    header: { type: 'request', id: 1, params: { text: 'brown “ä” ❄' } },
    parts: [Buffer.from([1, 2, 3]), Buffer.alloc(0)],
  },
  { header: { type: 'cancel', id: 1 }, parts: [] },
  { header: { type: 'request', id: 2 }, parts: [Buffer.alloc(100_000, 7)] },
]
const bytes = Buffer.concat(frames.flatMap((frame) => [...encodeFrame(frame)]))

test.each([1, 3, 1000, bytes.length])('frames come out whole from pieces of %d bytes', (size) => {
  const reader = new FrameReader()
  const read: Frame[] = []
  for (let at = 0; at < bytes.length; at += size) read.push(...reader.push(bytes.subarray(at, at + size)))
  expect(read.map(({ header }) => ({ ...header, parts: undefined }))).toEqual(
    frames.map(({ header }) => ({ ...header, parts: undefined })),
  )
  for (const [i, { parts }] of frames.entries()) {
    expect(read[i]?.parts.map((part) => Buffer.from(part).toString('hex'))).toEqual(
      parts.map((part) => Buffer.from(part).toString('hex')),
    )
  }
})

const header = (text: string): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(Buffer.byteLength(text))
  return Buffer.concat([length, Buffer.from(text)])
}

test.each([
  ['a line of a log', Buffer.from('Loading checkpoint shards: 100%\n')],
  ['no JSON', header('hello')],
  ['no parts', header('{"type":"hello"}')],
  ['negative lengths', header('{"parts":[-1]}')],
  ['absurd lengths', header('{"parts":[1e15]}')],
  ['null', header('null')],
])('%s is DDA_WORKER_PROTOCOL', (_, data) => {
  expect(() => new FrameReader().push(data)).toThrow(expect.objectContaining({ code: 'DDA_WORKER_PROTOCOL' }))
})
