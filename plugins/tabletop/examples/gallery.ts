// Writes gallery.html: samples of the tabletop world as a person sees them, with reference and checklist.
// From the repository's root, after `npm run build`:
//   npx jiti plugins/tabletop/examples/gallery.ts [file] [--curriculum literal] [--seed 7] [--count 40]
import { encodePng } from '@dda-thinker/pictures'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { ImageRef, ImageStore, RoleContext, Sample } from '@dda-thinker/plugin-api'
import { TabletopSynthesizer } from '@dda-thinker/tabletop'
import { decodePng, execute, openWorld } from '@dda-thinker/tabletop-world'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    curriculum: { type: 'string', default: 'reasoning' },
    seed: { type: 'string', default: '7' },
    count: { type: 'string', default: '40' },
  },
})
const file = positionals[0] ?? 'gallery.html'
const curriculum = values.curriculum === 'literal' ? 'literal' : 'reasoning'
const count = Number(values.count)

const pictures = new Map<string, Uint8Array>()
const images: ImageStore = {
  async put(bytes): Promise<ImageRef> {
    const hash = createHash('sha256').update(bytes).digest('hex')
    pictures.set(hash, bytes)
    return { hash, mediaType: 'image/png', width: 320, height: 176 }
  },
  async get({ hash }) {
    const bytes = pictures.get(hash)
    if (bytes === undefined) throw new Error(`no picture ${hash}`)
    return bytes
  },
}
const log = { debug() {}, info() {}, warn: console.warn }
const seed = Number(values.seed)
const context: RoleContext = { images, log, seed, signal: new AbortController().signal }

const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
const picture = (bytes: Uint8Array): string =>
  `<img width="320" height="176" src="data:image/png;base64,${Buffer.from(bytes).toString('base64')}">`

/** What a demonstration makes of the picture; samples to reason about have none, and keep their secret. */
async function after(sample: Sample, source: Uint8Array): Promise<string> {
  const plan = /<plan>(.*)<\/plan>/.exec(sample.demonstration ?? '')?.[1]
  if (plan === undefined) return ''
  const { image } = execute(await openWorld(), await decodePng(source), plan, { seed })
  return `${picture(encodePng(image))}<p><code>${escape(sample.demonstration ?? '')}</code></p>`
}

async function card(sample: Sample): Promise<string> {
  const [image] = sample.images
  if (image === undefined) return ''
  const source = await images.get(image)
  const items = sample.checklist.map(
    (item) => `<li>${item.scope}: ${escape(item.question)} <b>${item.expected}</b></li>`,
  )
  return `<article><h2>${escape(sample.instruction)}</h2><p><small>${sample.category} · ${sample.subtask} · ${sample.split}</small></p>
    ${picture(source)}${await after(sample, source)}<p>${escape(sample.reference)}</p><ol>${items.join('')}</ol></article>`
}

const cards: string[] = []
const request = { seed, count: { train: Math.ceil(count / 2), 'held-out': Math.floor(count / 2) } }
for await (const sample of new TabletopSynthesizer(curriculum).synthesize(request, context))
  cards.push(await card(sample))

const style =
  'body{font:14px sans-serif;columns:360px;margin:1em}article{break-inside:avoid;margin:0 0 2em}h2{font-size:16px}'
await writeFile(
  file,
  `<!doctype html><meta charset="utf-8"><title>Tabletop</title><style>${style}</style>${cards.join('\n')}`,
)
console.log(`${cards.length} samples written to ${file}`)
