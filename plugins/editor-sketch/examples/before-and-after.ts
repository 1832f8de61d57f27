// Edits one picture with the pencil Editor, outside any run, and writes before.png and after.png into a folder.
// From the repository's root, after `npm run build`: npx jiti plugins/editor-sketch/examples/before-and-after.ts [folder]
import { encodePng } from '@dda-thinker/pictures'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pencil } from '@dda-thinker/editor-sketch'
import { type Scene, drawScene, execute, openWorld, see } from '@dda-thinker/tabletop-world'

const { positionals } = parseArgs({ allowPositionals: true })
const folder = positionals[0] ?? 'sketch-example'

const scene: Scene = {
  background: 'sage',
  objects: [
    { kind: 'banana', column: 0, row: 'back', size: 'medium', dx: 2, dy: -3 },
    { kind: 'egg', column: 1, row: 'front', size: 'large', dx: -4, dy: 0 },
    { kind: 'cup', column: 3, row: 'back', size: 'large', dx: 1, dy: 4 },
  ],
}
const plan = 'turn the banana rotten; replace the egg with a chick; remove the cup'

const world = await openWorld()
const before = drawScene(world, scene)
const { image, notes } = execute(world, before, plan, { seed: 1, jitter: 3, maxClauses: 2, style: pencil })

await mkdir(folder, { recursive: true })
await writeFile(join(folder, 'before.png'), encodePng(before))
await writeFile(join(folder, 'after.png'), encodePng(image))

console.log(`plan: ${plan}`)
for (const note of notes) console.log(`note: ${note}`)
for (const { kind, state, column, row, size, confidence } of see(world, image).objects) {
  console.log(
    `sees: ${size} ${state ?? 'ordinary'} ${kind}, ${row} column ${column + 1}, confidence ${confidence.toFixed(2)}`,
  )
}
console.log(`${join(folder, 'before.png')} and ${join(folder, 'after.png')} written`)
