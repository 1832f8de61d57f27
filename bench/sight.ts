// How well the world's sight names what the world draws: npx jiti bench/sight.ts [scenes], after npm run build
// Prints accuracy per object for plain drawings and for the pencil style of editor-sketch, confusions, and CPU time a picture.
import { parseArgs } from 'node:util'
import { pencil } from '@dda-thinker/editor-sketch'
import {
  type Scene,
  type SceneObject,
  type SeenObject,
  type Sprite,
  drawScene,
  openWorld,
  randomScene,
  see,
} from '@dda-thinker/tabletop-world'

interface Tally {
  objects: number
  found: number
  kind: number
  state: number
  size: number
  all: number
  extra: number
  leastConfidence: number
  readonly confusions: Map<string, number>
}

const { positionals } = parseArgs({ allowPositionals: true })
const scenes = Number(positionals[0] ?? 500)
const world = await openWorld()
see(world, drawScene(world, randomScene(0)))

const rows = [measure('plain'), measure('pencil', pencil)]
console.table(rows.map((row) => row.figures))
for (const { style, confusions } of rows) {
  const listed = [...confusions].toSorted((a, b) => b[1] - a[1]).slice(0, 20)
  console.log(`${style}: ${listed.length === 0 ? 'no confusions' : 'confusions'}`)
  for (const [pair, times] of listed) console.log(`  ${times} × ${pair}`)
}

function measure(style: string, draw?: (sprite: Sprite) => Sprite) {
  const tally: Tally = {
    objects: 0,
    found: 0,
    kind: 0,
    state: 0,
    size: 0,
    all: 0,
    extra: 0,
    leastConfidence: 1,
    confusions: new Map(),
  }
  let milliseconds = 0
  for (let seed = 1; seed <= scenes; seed++) {
    const scene = randomScene(seed)
    const raster = drawScene(world, scene, draw)
    const start = process.cpuUsage()
    const { objects } = see(world, raster)
    const { user, system } = process.cpuUsage(start)
    milliseconds += (user + system) / 1000
    count(tally, scene, objects)
  }
  const share = (hits: number): string => `${((100 * hits) / tally.objects).toFixed(2)} %`
  const figures = {
    style,
    scenes,
    objects: tally.objects,
    place: share(tally.found),
    kind: share(tally.kind),
    state: share(tally.state),
    size: share(tally.size),
    'all right': share(tally.all),
    extra: tally.extra,
    'least confidence': tally.leastConfidence.toFixed(2),
    'CPU ms a picture': (milliseconds / scenes).toFixed(2),
  }
  return { style, figures, confusions: tally.confusions }
}

function count(tally: Tally, scene: Scene, seen: readonly SeenObject[]): void {
  tally.extra += Math.max(0, seen.length - scene.objects.length)
  for (const object of scene.objects) {
    tally.objects++
    const match = seen.find((one) => one.column === object.column && one.row === object.row)
    const kind = match?.kind === object.kind
    const state = match !== undefined && match.state === object.state
    const size = match?.size === object.size
    tally.found += Number(match !== undefined)
    tally.kind += Number(kind)
    tally.state += Number(state)
    tally.size += Number(size)
    tally.all += Number(kind && state && size)
    tally.leastConfidence = Math.min(tally.leastConfidence, match?.confidence ?? 0)
    if (kind && state && size) continue
    const pair = `${name(object)} → ${match === undefined ? 'nothing' : name(match)} (${scene.background})`
    tally.confusions.set(pair, (tally.confusions.get(pair) ?? 0) + 1)
  }
}

function name({ kind, state, size }: Pick<SceneObject, 'kind' | 'state' | 'size'>): string {
  return `${size} ${state ?? 'ordinary'} ${kind}`
}
