// Writes packages/tabletop-world/looks.bin, which describes every drawing of the tabletop world: npx jiti scripts/describe-looks.ts,
// after npm run build and whenever the catalogue, a drawing or how looks are described has changed.
import { writeFileSync } from 'node:fs'
import { encodeLooks } from '../packages/tabletop-world/src/sight/looks-file.ts'
import { describeLooks } from '../packages/tabletop-world/src/sight/templates.ts'
import { openWorld } from '../packages/tabletop-world/src/world/sprites.ts'

writeFileSync(
  new URL('../packages/tabletop-world/looks.bin', import.meta.url),
  encodeLooks(describeLooks(await openWorld())),
)
