import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { afterAll, describe, expect, test } from 'vitest'
import { decodePicture } from '@dda-thinker/pictures'
import { testPython } from '@dda-thinker/python-worker'
import { ContentStore } from '@dda-thinker/store'
import { decodePng } from '@dda-thinker/tabletop-world'
import { MemoryImages } from '@dda-thinker/testkit'

/* Every kind of picture that a data set holds, and the pixels that each part of the product, and a server, makes of it. */

const python = testPython()
const folder = mkdtempSync(join(tmpdir(), 'dda-one-picture-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const [WIDTH, HEIGHT] = [48, 20]
/** Smooth, so that the chroma of JPEG and WebP says the same however it is filtered. */
const pixels = Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) => {
  const [x, y] = [Math.floor(i / 3) % WIDTH, Math.floor(i / 3 / WIDTH)]
  return [5 * x, 12 * y, 250 - 4 * x][i % 3] ?? 0
})
const picture = (): Sharp => sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
const half = Uint8Array.from({ length: 4 * WIDTH * HEIGHT }, (_, i) =>
  i % 4 === 3 ? (i < 2 * WIDTH * HEIGHT ? 255 : 0) : 10,
)
const hiding = (): Sharp => sharp(half, { raw: { width: WIDTH, height: HEIGHT, channels: 4 } })
const noise = Uint8Array.from({ length: pixels.length }, (_, i) => (i * 7919 + (i >> 4) * 104_729) % 256)

const KINDS: Readonly<Record<string, () => Promise<Buffer>>> = {
  'a plain PNG': () => picture().png().toBuffer(),
  'a PNG of grey': () => picture().greyscale().toColourspace('b-w').png().toBuffer(),
  'a PNG with a palette': () => picture().png({ palette: true }).toBuffer(),
  'an interlaced PNG': () => picture().png({ progressive: true }).toBuffer(),
  'a PNG of 16 bits': () => picture().toColourspace('rgb16').png().toBuffer(),
  'a PNG of 16 bits of grey': () => picture().toColourspace('grey16').png().toBuffer(),
  'a PNG that hides a colour': () => hiding().png().toBuffer(),
  'a WebP that hides a colour': () => hiding().webp({ lossless: true, exact: true }).toBuffer(),
  'a plain WebP': () => picture().webp().toBuffer(),
  'a JPEG': () => picture().jpeg().toBuffer(),
  'a JPEG of noise with halved chroma': () =>
    sharp(noise, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .jpeg({ chromaSubsampling: '4:2:0', quality: 70 })
      .toBuffer(),
  'a progressive JPEG of grey': () => picture().greyscale().jpeg({ progressive: true }).toBuffer(),
  'a JPEG with a profile of sRGB': () => picture().withIccProfile('srgb').jpeg().toBuffer(),
  'a JPEG in Display P3': () => picture().withIccProfile('p3').jpeg().toBuffer(),
  'a JPEG in CMYK': () => picture().toColourspace('cmyk').jpeg().toBuffer(),
  ...Object.fromEntries(
    [2, 3, 4, 5, 6, 7, 8].map((orientation) => [
      `a JPEG with orientation ${orientation}`,
      () => picture().withMetadata({ orientation }).jpeg().toBuffer(),
    ]),
  ),
}

interface Seen {
  readonly width: number
  readonly height: number
  /** SHA-256 of the RGB bytes. */
  readonly pixels: string
}

const seen = (width: number, height: number, data: Uint8Array): Seen => ({
  width,
  height,
  pixels: createHash('sha256').update(data).digest('hex'),
})

/** What Pillow makes of a file. */
interface Pillow {
  /** As the workers of trainer-torch and editor-diffusers read it. */
  readonly worker: Seen
  /** As a server does that only opens it. */
  readonly server: Seen
  /** As a server does that applies the tag, as vLLM, transformers and ComfyUI do. */
  readonly turning: Seen
}

/** In one process for all files: its start is what takes time. */
function throughPillow(files: readonly string[]): readonly Pillow[] {
  if (python === undefined) return []
  const script = `
import hashlib, json, pathlib, sys
from PIL import Image, ImageOps
from dda_worker.pictures import read_rgb
def seen(p): return {"width": p.width, "height": p.height, "pixels": hashlib.sha256(p.tobytes()).hexdigest()}
def all_of(file):
    plain = Image.open(file)
    worker = read_rgb(pathlib.Path(file).read_bytes())
    return {"worker": seen(worker), "server": seen(plain.convert("RGB")), "turning": seen(ImageOps.exif_transpose(plain).convert("RGB"))}
print(json.dumps([all_of(file) for file in sys.argv[1:]]))
`
  const path = join(import.meta.dirname, '../packages/python-worker/python')
  const env = { ...process.env, PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: '1' }
  return JSON.parse(execFileSync(python, ['-c', script, ...files], { env, encoding: 'utf8' })) as readonly Pillow[]
}

const images = new ContentStore(join(folder, 'store'))
const stored = await Promise.all(
  Object.entries(KINDS).map(async ([name, make]) => ({ name, make, image: await images.put(await make()) })),
)
const pillow = throughPillow(stored.map(({ image }) => images.path(image)))

describe.each(stored.map((each, i) => ({ ...each, pillow: pillow[i] })))('$name', ({ make, image, pillow: read }) => {
  test('is one picture to everybody', async () => {
    const bytes = await images.get(image)
    const decoded = await decodePicture(bytes)
    const wanted = seen(decoded.width, decoded.height, decoded.data)
    expect({ width: image.width, height: image.height }).toEqual({ width: wanted.width, height: wanted.height })

    const table = await decodePng(bytes)
    expect(seen(table.width, table.height, table.data), 'the embedded world').toEqual(wanted)
    const { data, info } = await sharp(bytes).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
    if (!(await sharp(bytes).metadata()).hasProfile) {
      expect(seen(info.width, info.height, data), 'sharp without care').toEqual(wanted)
    }
    if (read !== undefined) expect(read).toEqual({ worker: wanted, server: wanted, turning: wanted })
    // Stored once, and by the same rule in the test kit.
    expect(await images.put(bytes)).toEqual(image)
    expect(await new MemoryImages().put(await make())).toEqual(image)
  })
})

test('turned pictures have the size that people see', async () => {
  const turned = await images.put(await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer())
  expect(turned).toMatchObject({ width: HEIGHT, height: WIDTH })
})
