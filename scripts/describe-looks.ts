// Writes packages/tabletop-world/drawings.bin, the drawing of every kind of thing as pixels, and looks.bin, which describes what it
// looks like in every state: npx jiti scripts/describe-looks.ts, after npm run build and whenever the catalogue, an icon, how a
// state is drawn or how looks are described has changed.
import { writeFileSync } from 'node:fs'
import { encodeLooks } from '../packages/tabletop-world/src/sight/looks-file.ts'
import { describeLooks } from '../packages/tabletop-world/src/sight/templates.ts'
import { KINDS } from '../packages/tabletop-world/src/world/catalogue.ts'
import { encodeDrawings } from '../packages/tabletop-world/src/world/drawings-file.ts'
import { drawingRecipe, rasteriseAll } from '../packages/tabletop-world/src/world/rasterise.ts'
import { openWorld } from '../packages/tabletop-world/src/world/sprites.ts'

const drawn = await rasteriseAll()
const drawings = KINDS.map(({ name }) => drawn.get(name) ?? new Uint8Array())
write('drawings.bin', encodeDrawings(drawings, drawingRecipe()))
write('looks.bin', encodeLooks(describeLooks(await openWorld())))

function write(name: string, content: Uint8Array): void {
  writeFileSync(new URL(`../packages/tabletop-world/${name}`, import.meta.url), content)
}
