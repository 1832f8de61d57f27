// What decontamination of synthesizer-vlm finds of a benchmark that was changed a little, and what it takes for one although it is another.
//
//   npx jiti bench/decontamination.ts RISEBench/data/data_total.json [stockPhrase]
//
// The list names the pictures, relative to itself. Needs sharp.
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { normalPicture } from '@dda-thinker/pictures'
import { Contamination, readContamination } from '../plugins/synthesizer-vlm/src/decontamination.ts'
import { looksLike, pictureHash, type PictureHash } from '../plugins/synthesizer-vlm/src/picture-hash.ts'

const DISTANCES = [3, 6, 10, 16]

const TEXTS: Readonly<Record<string, (text: string) => string>> = {
  verbatim: (text) => text,
  'other case and punctuation': (text) => `${text.toUpperCase().replaceAll(/[.,;:!?'"]/g, '')} !`,
  'a sentence before and after': (text) => `Look closely at the picture. ${text} Keep the rest as it is.`,
  'one word replaced': (text) => replaced(text, 1),
  'every fourth word replaced': (text) => replaced(text, Math.max(1, Math.floor(text.split(/\s+/).length / 4))),
  'first half only': (text) => {
    const words = text.split(/\s+/)
    return words.slice(0, Math.ceil(words.length / 2)).join(' ')
  },
}

const PICTURES: Readonly<Record<string, (picture: Sharp, width: number, height: number) => Sharp>> = {
  'encoded again, JPEG at quality 80': (picture) => picture.jpeg({ quality: 80 }),
  'JPEG at quality 30': (picture) => picture.jpeg({ quality: 30 }),
  'half the size': (picture, width, height) =>
    picture.resize(Math.max(1, Math.round(width / 2)), Math.max(1, Math.round(height / 2))).png(),
  'stretched to 512 x 512': (picture) => picture.resize(512, 512, { fit: 'fill' }).png(),
  'brighter by 10 %': (picture) => picture.modulate({ brightness: 1.1 }).png(),
  'cut by 2 % at each side': (picture, width, height) => cut(picture, width, height, 0.02),
  'cut by 10 % at each side': (picture, width, height) => cut(picture, width, height, 0.1),
  mirrored: (picture) => picture.flop().png(),
}

function replaced(text: string, count: number): string {
  const words = text.split(/\s+/)
  for (let at = 1; at <= count; at += 1) words[Math.floor((at * words.length) / (count + 1))] = 'something'
  return words.join(' ')
}

function cut(picture: Sharp, width: number, height: number, share: number): Sharp {
  const [left, top] = [Math.round(width * share), Math.round(height * share)]
  return picture
    .extract({ left, top, width: Math.max(1, width - 2 * left), height: Math.max(1, height - 2 * top) })
    .png()
}

const [file, stockPhrase = '3'] = process.argv.slice(2)
if (file === undefined) throw new Error('Say where the list of the benchmark is.')
const DEFAULTS = { ngram: 8, stockPhrase: Number(stockPhrase), similarity: 0.8 }
const items = JSON.parse(await readFile(file, 'utf8')) as readonly { instruction: string; image: string }[]
const log = { debug: () => undefined, info: (line: string) => console.log(line), warn: console.warn }
const whole = await readContamination([file], { ...DEFAULTS, log })

console.log('\ninstructions found')
for (const [name, change] of Object.entries(TEXTS)) {
  console.log(
    `  ${name}: ${items.filter(({ instruction }) => whole.hasInstruction(change(instruction))).length} of ${items.length}`,
  )
}
const others = items.filter(({ instruction }, at) => {
  const rest = new Contamination(DEFAULTS)
  items.forEach((item, other) => other !== at && rest.addInstruction(item.instruction))
  return rest.hasInstruction(instruction)
})
console.log(`  taken for another item's: ${others.length}`)
for (const { instruction } of others) console.log(`    ${instruction}`)

const hashes: PictureHash[] = []
const sources: Uint8Array[] = []
for (const { image } of items) {
  const { bytes } = await normalPicture(await readFile(join(dirname(file), image)))
  const hash = await pictureHash(bytes)
  if (hash === undefined) throw new Error('sharp is not installed')
  sources.push(bytes)
  hashes.push(hash)
}
console.log(`\npictures found, within ${DISTANCES.join(', ')} of 128 bits`)
for (const [name, change] of Object.entries(PICTURES)) {
  const found = DISTANCES.map(() => 0)
  for (const [at, source] of sources.entries()) {
    const { width, height } = await sharp(source).metadata()
    const { bytes } = await normalPicture(await change(sharp(source), width, height).toBuffer())
    const [changed, original] = [await pictureHash(bytes), hashes[at]]
    DISTANCES.forEach((distance, of) => {
      if (changed !== undefined && original !== undefined && looksLike(changed, original, distance)) {
        found[of] = (found[of] ?? 0) + 1
      }
    })
  }
  console.log(`  ${name}: ${found.join(', ')} of ${items.length}`)
}
const pairs = hashes.flatMap((a, at) => hashes.slice(at + 1).map((b, after) => [a, b, at, at + 1 + after] as const))
const alike = DISTANCES.map((distance) => pairs.filter(([a, b]) => looksLike(a, b, distance)))
console.log(
  `  pairs of different items that look alike: ${alike.map(({ length }) => length).join(', ')} of ${pairs.length}`,
)
for (const [, , a, b] of alike[1] ?? []) console.log(`    ${items[a]?.image} and ${items[b]?.image}`)
