import { crc32, deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import { encodePng } from './encode-png.ts'
import { decodePicture, isNormalPicture, normalPicture } from './normal-form.ts'
import { readHeader } from './read-header.ts'

type Rgb = readonly [number, number, number]

const [WIDTH, HEIGHT] = [32, 16]
const CORNERS: readonly Rgb[] = [
  [250, 10, 10],
  [10, 250, 10],
  [10, 10, 250],
  [250, 250, 10],
]

/** Quarters in four colours: red, green over blue, yellow. */
function quarters(): Uint8Array {
  const data = new Uint8Array(3 * WIDTH * HEIGHT)
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      data.set(CORNERS[2 * Number(y >= HEIGHT / 2) + Number(x >= WIDTH / 2)] ?? [0, 0, 0], 3 * (y * WIDTH + x))
    }
  }
  return data
}

const raw = { width: WIDTH, height: HEIGHT, channels: 3 } as const
const plainPng = (): Uint8Array => encodePng({ width: WIDTH, height: HEIGHT, data: quarters() })

/** Colours of the quarters, from the top left, row by row. */
async function cornersOf(bytes: Uint8Array): Promise<readonly Rgb[]> {
  const { width, height, data } = await decodePicture(bytes)
  return [0, 1, 2, 3].map((i): Rgb => {
    const x = Math.floor(width * (i % 2 === 0 ? 0.25 : 0.75))
    const y = Math.floor(height * (i < 2 ? 0.25 : 0.75))
    const at = 3 * (y * width + x)
    return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]
  })
}

function expectColours(found: readonly Rgb[], wanted: readonly Rgb[], tolerance: number): void {
  const off = found.map((colour, i) => Math.max(...colour.map((value, k) => Math.abs(value - (wanted[i]?.[k] ?? 0)))))
  expect(
    off.every((difference) => difference <= tolerance),
    JSON.stringify({ found, wanted }),
  ).toBe(true)
}

/** Which corner of the stored picture is seen at the top left, top right, bottom left, bottom right (EXIF 3.0, 4.6.5.1). */
const SEEN: Readonly<Record<number, readonly number[]>> = {
  1: [0, 1, 2, 3],
  2: [1, 0, 3, 2],
  3: [3, 2, 1, 0],
  4: [2, 3, 0, 1],
  5: [0, 2, 1, 3],
  6: [2, 0, 3, 1],
  7: [3, 1, 2, 0],
  8: [1, 3, 0, 2],
}
const ORIENTATIONS = Object.keys(SEEN).map(Number)

describe.each(['jpeg', 'png', 'webp'] as const)('an orientation tag in a file of type %s', (format) => {
  test.each(ORIENTATIONS)('%i is applied, and the size is as people see it', async (orientation) => {
    const picture = sharp(quarters(), { raw }).withMetadata({ orientation })
    const how = { jpeg: { quality: 100, chromaSubsampling: '4:4:4' }, png: {}, webp: { lossless: true } }[format]
    const bytes = await picture.toFormat(format, how).toBuffer()
    const size = orientation >= 5 ? { width: HEIGHT, height: WIDTH } : { width: WIDTH, height: HEIGHT }
    expect(readHeader(bytes)).toEqual({ mediaType: `image/${format}`, ...size })
    const normal = await normalPicture(bytes)
    expect(normal).toMatchObject(size)
    const wanted = (SEEN[orientation] ?? []).map((corner) => CORNERS[corner] ?? ([0, 0, 0] as const))
    expectColours(await cornersOf(normal.bytes), wanted, 3)
    // What another decoder makes of it without regard to tags.
    const plain = await sharp(normal.bytes).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
    expect({ width: plain.info.width, height: plain.info.height }).toEqual(size)
    const { data } = await decodePicture(bytes)
    expect(Buffer.compare(plain.data, data)).toBe(0)
    if (orientation === 1) expect(normal.bytes).toBe(bytes)
    else expect(isNormalPicture(bytes)).toBe(false)
  })
})

test('an orientation that only XMP tells, which Pillow applies too', async () => {
  const xmp =
    '<?xpacket begin="" id="x"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
  for (const format of ['jpeg', 'webp'] as const) {
    const bytes = await sharp(quarters(), { raw }).withXmp(xmp).toFormat(format).toBuffer()
    expect(readHeader(bytes)).toMatchObject({ width: HEIGHT, height: WIDTH })
    expect(await normalPicture(bytes)).toMatchObject({ width: HEIGHT, height: WIDTH })
  }
})

/** Opaque above, wholly transparent below with a colour hidden in it. */
function hiding(depth: 8 | 16 = 8): Buffer {
  const [sample, top, hidden] = [depth / 8, [200, 60, 30, 255], [10, 10, 10, 0]]
  const lines: Buffer[] = []
  for (let y = 0; y < 8; y++) {
    const pixel = Buffer.from((y < 4 ? top : hidden).flatMap((value) => (sample === 1 ? [value] : [value, value])))
    lines.push(Buffer.concat([Buffer.from([0]), ...Array.from({ length: 8 }, () => pixel)]))
  }
  return png(8, 8, [depth, 6, 0, 0, 0], Buffer.concat(lines))
}

function png(width: number, height: number, kind: readonly number[], lines: Buffer, extra: Buffer[] = []): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set(kind, 8)
  const chunk = (type: string, body: Buffer): Buffer => {
    const framed = Buffer.alloc(body.length + 12)
    framed.writeUInt32BE(body.length, 0)
    framed.write(type, 4, 'latin1')
    body.copy(framed, 8)
    framed.writeUInt32BE(crc32(framed.subarray(4, body.length + 8)), body.length + 8)
    return framed
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const parts = [chunk('IHDR', header), ...extra, chunk('IDAT', deflateSync(lines)), chunk('IEND', Buffer.alloc(0))]
  return Buffer.concat([signature, ...parts])
}

/** Palette of two colours, the second one transparent. */
function palette(): Buffer {
  const lines = Buffer.concat(
    Array.from({ length: 8 }, (_, y) => Buffer.concat([Buffer.from([0]), Buffer.alloc(8, y < 4 ? 0 : 1)])),
  )
  const framed = (type: string, body: number[]): Buffer => {
    const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(type, 'latin1'), Buffer.from(body), Buffer.alloc(4)])
    bytes.writeUInt32BE(body.length, 0)
    bytes.writeUInt32BE(crc32(bytes.subarray(4, bytes.length - 4)), bytes.length - 4)
    return bytes
  }
  return png(8, 8, [8, 3, 0, 0, 0], lines, [framed('PLTE', [200, 60, 30, 10, 10, 10]), framed('tRNS', [255, 0])])
}

async function alphaWebp(lossless: boolean): Promise<Buffer> {
  return sharp(hiding()).webp({ lossless, quality: 100, exact: true }).toBuffer()
}

test.each([
  ['RGBA', () => hiding(), 0],
  ['RGBA of 16 bits', () => hiding(16), 0],
  ['a palette with a transparent entry', () => palette(), 0],
  ['lossless WebP', () => alphaWebp(true), 0],
  ['lossy WebP', () => alphaWebp(false), 12],
])('a colour hidden under transparency is seen by nobody: %s', async (_name, make, tolerance) => {
  const normal = await normalPicture(await make())
  const above: Rgb = [200, 60, 30]
  const white: Rgb = [255, 255, 255]
  expectColours(await cornersOf(normal.bytes), [above, above, white, white], tolerance)
  expect(isNormalPicture(normal.bytes)).toBe(true)
  expect((await sharp(normal.bytes).metadata()).hasAlpha).toBe(false)
})

test('16 bits a channel become 8 by scaling, in colour and in grey', async () => {
  const colour = png(
    8,
    8,
    [16, 2, 0, 0, 0],
    Buffer.concat(
      Array.from({ length: 8 }, () =>
        Buffer.concat([
          Buffer.from([0]),
          ...Array.from({ length: 8 }, () => Buffer.from([0x80, 0, 0x40, 0, 0xff, 0xff])),
        ]),
      ),
    ),
  )
  const grey = png(
    8,
    8,
    [16, 0, 0, 0, 0],
    Buffer.concat(
      Array.from({ length: 8 }, () =>
        Buffer.concat([Buffer.from([0]), ...Array.from({ length: 8 }, () => Buffer.from([0x60, 0x10]))]),
      ),
    ),
  )
  for (const [bytes, wanted] of [
    [colour, [128, 64, 255]],
    [grey, [96, 96, 96]],
  ] as const) {
    const normal = await normalPicture(bytes)
    expectColours(
      await cornersOf(normal.bytes),
      Array.from({ length: 4 }, (): Rgb => wanted),
      1,
    )
    expect((await sharp(normal.bytes).metadata()).depth).toBe('uchar')
  }
})

test('a wide colour profile is converted, and that of sRGB leaves file and numbers alone', async () => {
  const jpeg = { quality: 100, chromaSubsampling: '4:4:4' }
  const wide = await sharp(quarters(), { raw }).withIccProfile('p3').jpeg(jpeg).toBuffer()
  expect(isNormalPicture(wide)).toBe(false)
  const normal = await normalPicture(wide)
  expectColours(await cornersOf(normal.bytes), CORNERS, 12)
  expect((await sharp(normal.bytes).metadata()).hasProfile).toBe(false)
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    const usual = await sharp(quarters(), { raw }).withIccProfile('srgb').toFormat(format).toBuffer()
    expect((await normalPicture(usual)).bytes).toBe(usual)
    const stored = await sharp(usual, { ignoreIcc: true }).raw().toBuffer()
    expect(Buffer.compare((await decodePicture(usual)).data, stored)).toBe(0)
  }
})

test('CMYK becomes sRGB', async () => {
  const cmyk = await sharp(quarters(), { raw }).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer()
  const normal = await normalPicture(cmyk)
  expect((await sharp(normal.bytes).metadata()).space).toBe('srgb')
  expect(normal.mediaType).toBe('image/png')
})

test('what is in normal form keeps its bytes: RGB, grey, palette, JPEG, WebP', async () => {
  const picture = (): Sharp => sharp(quarters(), { raw })
  const files = [
    plainPng(),
    await picture().png({ palette: true }).toBuffer(),
    await picture().toColourspace('b-w').png().toBuffer(),
    await picture().jpeg().toBuffer(),
    await picture().toColourspace('b-w').jpeg({ progressive: true }).toBuffer(),
    await picture().webp().toBuffer(),
    await picture().webp({ lossless: true }).toBuffer(),
  ]
  for (const bytes of files) {
    expect((await normalPicture(bytes)).bytes).toBe(bytes)
    expect(await decodePicture(bytes)).toMatchObject({ width: WIDTH, height: HEIGHT })
  }
})

test('a damaged JPEG or WebP is refused, in whichever form', async () => {
  for (const format of ['jpeg', 'webp'] as const) {
    for (const orientation of [1, 6]) {
      const noise = Uint8Array.from({ length: 3 * 128 * 128 }, (_, i) => (i * 7919 + (i >> 5) * 104729) % 251)
      const whole = await sharp(noise, { raw: { width: 128, height: 128, channels: 3 } })
        .withMetadata({ orientation })
        .toFormat(format)
        .toBuffer()
      const damaged = Buffer.from(whole)
      damaged.fill(0xff, Math.floor(whole.length / 3), whole.length - 2)
      await expect(normalPicture(damaged)).rejects.toMatchObject({ code: 'DDA_IMAGE_INVALID', kind: 'bad-output' })
      await expect(decodePicture(damaged)).rejects.toMatchObject({ code: 'DDA_IMAGE_INVALID', kind: 'bad-input' })
    }
  }
})
