// The first half of the warm start: teaches the policy's patch encoder what the pictures show, before the policy learns to
// write. The names of things come from the tabletop world's own eyes, from pixels. About 3 minutes on 2 cores.
import { mulberry32 } from '@dda-thinker/plugin-api'
import { readFileSync } from 'node:fs'
import { ContentStore } from '@dda-thinker/store'
import { openWorld, seePng } from '@dda-thinker/tabletop-world'
import { createOnnxTrainer } from '@dda-thinker/trainer-onnx'

const STEPS = 1500
const BATCH = 128
const WARM_UP = 30
const PEAK = 5e-3
const COLUMNS = 5
const ROWS = ['back', 'front']

/**
 * @param {{ samples: string, store: string, vocabulary: string, seed: number, folder: string }} paths `samples` is a
 *   samples.jsonl and `store` the images it names; `folder` receives the export, to start the supervised training from.
 */
export async function pretrainEncoder({ samples, store, vocabulary, seed, folder }) {
  await openWorld()
  const images = new ContentStore(store)
  const pictures = readFileSync(samples, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .filter((sample) => sample.split === 'train')
    .map((sample) => sample.images[0])
  const cells = new Map()
  const trainer = createOnnxTrainer({ weights: 'random', vocabulary })
  const log = { debug() {}, info() {}, warn: (message) => process.stderr.write(`${message}\n`) }
  await trainer.open({ images, log, seed, signal: new AbortController().signal })
  const random = mulberry32(seed)
  for (let step = 1; step <= STEPS; step++) {
    const batch = Array.from({ length: BATCH }, () => pictures[Math.floor(random() * pictures.length)])
    const labelled = await Promise.all(
      batch.map(async (image) => {
        if (!cells.has(image.hash)) cells.set(image.hash, cellsOf(await seePng(await images.get(image), image.hash)))
        return { image, cells: cells.get(image.hash) }
      }),
    )
    const rate = PEAK * Math.min(1, step / WARM_UP) * (0.5 + 0.5 * Math.cos((Math.PI * step) / STEPS))
    const { loss, accuracy } = await trainer.pretrain(labelled, rate)
    if (step % 100 === 0) {
      const [nats, share] = [loss.toFixed(3), (100 * accuracy).toFixed(1)]
      process.stdout.write(`encoder ${step}/${STEPS}: loss ${nats}, ${share} % of the things named right\n`)
    }
  }
  await trainer.export(folder)
  await trainer.close()
}

/** What stands in each cell, back row first, left to right; '-' for nothing. */
function cellsOf(sight) {
  const cells = Array.from({ length: COLUMNS * ROWS.length }, () => '-')
  for (const { kind, state, column, row } of sight.objects) {
    cells[ROWS.indexOf(row) * COLUMNS + column] = state === undefined ? kind : `${state} ${kind}`
  }
  return cells
}
