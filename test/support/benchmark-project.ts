import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { startStandIn } from '../../plugins/editor-openai/src/stand-in-server.ts'
import sharp from 'sharp'
import { installPluginApi, temporaryFolder } from './dda.ts'
import { ddaHere } from './in-process.ts'
import type { Folder } from './tiny-tabletop.ts'

/** Records as those of RISE-Bench are: photographs and drawings of several sizes and types, some with a picture of the right answer. */
const ITEMS = [
  { index: 'temporal_reasoning_1', size: [640, 427], type: 'jpg', reference: 'Rotten and black.' },
  { index: 'spatial_reasoning_1', size: [427, 640], type: 'png', reference: 'Seen from above.' },
  { index: 'logical_reasoning_1', size: [512, 512], type: 'jpg', picture: [700, 700] },
] as const

/** A project with a run of a benchmark, `bench`, that no judge answered: source, edit, and for the logical item a reference picture. */
export async function benchmarkProject(): Promise<Folder> {
  const dir = temporaryFolder()
  installPluginApi(dir)
  const entries = []
  for (const { index, size, type, ...rest } of ITEMS) {
    const category = index.slice(0, index.lastIndexOf('_'))
    const folder = `${category}_images`
    await paint(join(dir, 'rise', folder, `1.${type}`), size, '#c96')
    if ('picture' in rest) await paint(join(dir, 'rise', folder, '1_ref.png'), rest.picture, '#69c')
    entries.push({
      index,
      category,
      instruction: `What becomes of this ${category.replace('_reasoning', '')} scene?`,
      image: `${folder}/1.${type}`,
      ...('picture' in rest ? { reference_img: `${folder}/1_ref.png` } : { reference: rest.reference }),
    })
  }
  writeFileSync(join(dir, 'rise/data_total.json'), JSON.stringify(entries))
  const editor = await startStandIn()
  try {
    const config = { editor: { use: 'openai', endpoints: [editor.url] }, benchmark: [{ use: 'rise' }] }
    // JSON is YAML.
    writeFileSync(join(dir, 'dda.config.yaml'), JSON.stringify(config))
    const { exitCode, error } = await ddaHere(dir, 'benchmark', 'run', 'rise', '--data', 'rise', '--name', 'bench')
    if (exitCode !== 0) throw new Error(`dda benchmark run: ${JSON.stringify(error)}`)
  } finally {
    await editor.close()
  }
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

/** A picture with a large disc, by which one sees whether it is whole and upright. */
async function paint(path: string, [width, height]: readonly [number, number], colour: string): Promise<void> {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${colour}"/><circle cx="50%" cy="40%" r="25%" fill="#222"/></svg>`
  mkdirSync(dirname(path), { recursive: true })
  await sharp(Buffer.from(drawing)).toFile(path)
}
