import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { guardImage } from './guard-image.ts'
import { readHeader } from './read-header.ts'

// 21 × 13 pictures as libvips writes them.
const PICTURES = {
  jpeg: '/9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAANABUDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAP/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAAAAX/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCICQsgAP/Z',
  webp: 'UklGRkIAAABXRUJQVlA4IDYAAAAQAwCdASoVAA0APtFUo0uoJKMhsAgBABoJQBai0AABJAAA+daF7RIP0KfainYftTBJGTl3cAA=',
  'webp (lossless)': 'UklGRh4AAABXRUJQVlA4TBEAAAAvFAADAAdQsAIXpP+BiOh/AAA=',
  'webp (alpha)':
    'UklGRlQAAABXRUJQVlA4WAoAAAAQAAAAFAAADAAAQUxQSAoAAAABB1DAiAhERP8DVlA4ICQAAACwAgCdASoVAA0APtFUo0uoJKMhsAgBABoJaQAAeyAA/vNiAAA=',
  'png (interlaced)':
    'iVBORw0KGgoAAAANSUhEUgAAABUAAAANCAIAAAG+94KhAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAALUlEQVQokWM4kKAAQQxEsg6QIMRAIf8AMZYeoLIKhuEqfYDyoDswqv8A7iAAAH9fVVC0NwOxAAAAAElFTkSuQmCC',
} as const
const GIF = 'R0lGODlhFQANAIAAAExpccBgICH5BAUAAAAALAAAAAAVAA0AAAIOjI+py+0Po5y02ouzxgUAOw=='

function chunk(type: string, body: Buffer): Buffer {
  const framed = Buffer.alloc(body.length + 12)
  framed.writeUInt32BE(body.length, 0)
  framed.write(type, 4, 'latin1')
  body.copy(framed, 8)
  framed.writeUInt32BE(crc32(framed.subarray(4, body.length + 8)), body.length + 8)
  return framed
}

/** @param raw length of the unpacked pixel data; default: as the header says */
function png(options: { width?: number; height?: number; raw?: number; extra?: Buffer[] } = {}): Buffer {
  const { width = 8, height = 4, raw = height * (1 + width * 3), extra = [] } = options
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0])
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...extra,
    chunk('IDAT', deflateSync(Buffer.alloc(raw))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

describe('lets through', () => {
  test.each(Object.entries(PICTURES))('%s', async (name, base64) => {
    const mediaType = `image/${name.split(' ')[0]}`
    expect(await guardImage(Buffer.from(base64, 'base64'))).toEqual({ mediaType, width: 21, height: 13 })
  })

  test('a plain PNG with further chunks', async () => {
    const bytes = png({ extra: [chunk('tEXt', Buffer.from('Comment\0hello'))] })
    expect(await guardImage(bytes)).toEqual({ mediaType: 'image/png', width: 8, height: 4 })
  })
})

describe('refuses as no picture', () => {
  const text: [string, string][] = [
    ['an SVG', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ['an SVG without a declaration', ' <svg width="10" height="10"></svg>'],
    ['a web page', '<!DOCTYPE html><html><body>502 Bad Gateway</body></html>'],
    ['JSON', '{"error":"no"}'],
    ['an empty file', ''],
  ]
  test.each(text)('%s', async (_name, content) => {
    await expect(guardImage(Buffer.from(content))).rejects.toMatchObject({
      code: 'DDA_IMAGE_INVALID',
      kind: 'bad-output',
      transient: false,
    })
  })

  test('a GIF, an animated PNG and an animated WebP', async () => {
    await expect(guardImage(Buffer.from(GIF, 'base64'))).rejects.toThrow(/a GIF/)
    await expect(guardImage(png({ extra: [chunk('acTL', Buffer.alloc(8))] }))).rejects.toThrow(/animated PNG/)
    const webp = Buffer.from(PICTURES['webp (alpha)'], 'base64')
    webp[20] = (webp[20] ?? 0) | 0x02
    await expect(guardImage(webp)).rejects.toThrow(/animated WebP/)
  })
})

describe('refuses as damaged, to be tried again', () => {
  const damaged = { code: 'DDA_IMAGE_INVALID', kind: 'bad-output', transient: true }

  test('every truncation of a PNG', async () => {
    const whole = png()
    for (let length = 8; length < whole.length; length++) {
      await expect(guardImage(whole.subarray(0, length))).rejects.toMatchObject(damaged)
    }
  })

  test('every flipped byte of a PNG beyond its signature', async () => {
    const whole = png()
    for (let at = 8; at < whole.length; at++) {
      const flipped = Buffer.from(whole)
      flipped[at] = (flipped[at] ?? 0) ^ 0x55
      await expect(guardImage(flipped)).rejects.toMatchObject({ code: expect.stringMatching(/^DDA_IMAGE_/) })
    }
  })

  test('JPEG and WebP that end too early', async () => {
    for (const name of ['jpeg', 'webp', 'webp (lossless)', 'webp (alpha)'] as const) {
      const whole = Buffer.from(PICTURES[name], 'base64')
      await expect(guardImage(whole.subarray(0, -3))).rejects.toMatchObject(damaged)
      await expect(guardImage(whole.subarray(0, 14))).rejects.toMatchObject(damaged)
    }
  })

  test('a PNG with fewer pixels than it says', async () => {
    await expect(guardImage(png({ raw: 10 }))).rejects.toMatchObject(damaged)
  })
})

describe('refuses bombs', () => {
  test('pixels beyond the limit, before unpacking', async () => {
    const bomb = png({ width: 60_000, height: 60_000, raw: 0 })
    await expect(guardImage(bomb)).rejects.toMatchObject({ code: 'DDA_IMAGE_TOO_LARGE', transient: false })
    await expect(guardImage(png(), { maxPixels: 31 })).rejects.toMatchObject({ code: 'DDA_IMAGE_TOO_LARGE' })
    expect(await guardImage(png(), { maxPixels: 32 })).toMatchObject({ width: 8 })
  })

  test('pixel data that unpack to far more than the header says', async () => {
    await expect(guardImage(png({ raw: 50_000_000 }))).rejects.toMatchObject({ code: 'DDA_IMAGE_INVALID' })
  })

  test('a chunk that claims gigabytes', async () => {
    const bytes = png()
    bytes.writeUInt32BE(0xffffffff, 33)
    await expect(guardImage(bytes)).rejects.toMatchObject({ code: 'DDA_IMAGE_INVALID' })
  })

  test('JPEG and WebP by their headers', async () => {
    const jpeg = Buffer.from(PICTURES.jpeg, 'base64')
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]))
    jpeg.writeUInt16BE(60_000, frame + 5)
    await expect(guardImage(jpeg)).rejects.toMatchObject({ code: 'DDA_IMAGE_TOO_LARGE' })
    await expect(guardImage(Buffer.from(PICTURES.webp, 'base64'), { maxPixels: 100 })).rejects.toMatchObject({
      code: 'DDA_IMAGE_TOO_LARGE',
    })
  })

  test('bytes beyond the limit, and the kind of whoever asks', async () => {
    const bytes = png()
    await expect(guardImage(bytes, { maxBytes: bytes.length - 1 }, 'bad-input')).rejects.toMatchObject({
      code: 'DDA_IMAGE_TOO_LARGE',
      kind: 'bad-input',
    })
  })
})

test('what the store and the guards of servers used to disagree about is refused by header and guard alike', async () => {
  const huge = Buffer.from(png())
  huge.writeUInt32BE(7100, 16)
  huge.writeUInt32BE(7100, 20)
  const cut = png().subarray(0, 33)
  for (const [bytes, code] of [
    [huge, 'DDA_IMAGE_TOO_LARGE'],
    [cut, 'DDA_IMAGE_INVALID'],
  ] as const) {
    expect(() => readHeader(bytes)).toThrow(expect.objectContaining({ code }))
    await expect(guardImage(bytes)).rejects.toMatchObject({ code })
  }
  // Options can only lower what the table allows.
  expect(() => readHeader(png(), { maxPixels: 31 })).toThrow(expect.objectContaining({ code: 'DDA_IMAGE_TOO_LARGE' }))
})

test('a JPEG that is damaged in its middle is refused although it has its end', async () => {
  const noise = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251))
  const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg()
    .toBuffer()
  expect(await guardImage(whole)).toEqual({ mediaType: 'image/jpeg', width: 64, height: 64 })
  const scan = whole.indexOf(Buffer.from([0xff, 0xda]))
  const gone = Buffer.concat([whole.subarray(0, scan + 200), whole.subarray(-2)])
  await expect(guardImage(gone)).rejects.toMatchObject({ code: 'DDA_IMAGE_INVALID', transient: true })
})

test('a WebP whose pixels are overwritten is refused although its length is right', async () => {
  const noise = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251))
  const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
    .webp({ lossless: true })
    .toBuffer()
  const spoilt = Buffer.from(whole).fill(0xff, 40)
  await expect(guardImage(spoilt)).rejects.toMatchObject({ code: 'DDA_IMAGE_INVALID', transient: true })
})
