// Which reward teaches what: npx jiti bench/ablation.ts [--worlds "composed;easy"] [--arms sum,split] [--seeds 3] [--steps 40] [--out bench/results/ablation]
// after npm run build. Worlds × rewards × seeds, at equal rollouts and at equal Editor calls (--no-equal-calls leaves these out): same samples,
// first policy and estimator, and every arm is judged on the held-out split by all items and by judges that do not err, whatever it was trained on.
// Each finished cell is a line of cells.jsonl, so the same command continues what was cut off, and a longer one adds to it. Writes ablation.md and
// ablation.svg from the cells that are there. --small is two cells of two tiny steps, to see that it runs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { appendCell, keyOf, readCells } from './ablation/cells.ts'
import { ARMS, WORLDS, cellsOf, settingsId } from './ablation/plan.ts'
import { plot } from './ablation/plot.ts'
import { runCell } from './ablation/run-cell.ts'
import { worldResults } from './ablation/summary.ts'
import { tables } from './ablation/tables.ts'

const { values } = parseArgs({
  options: {
    worlds: { type: 'string', default: Object.keys(WORLDS).join(';') },
    arms: { type: 'string', default: Object.keys(ARMS).join(',') },
    seeds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '40' },
    out: { type: 'string', default: fileURLToPath(new URL('results/ablation', import.meta.url)) },
    'no-equal-calls': { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
  },
})
const SMALL = [
  'synthesize.count={train: 8, held-out: 4}',
  'train.samplesPerStep=2',
  'train.groupSize=4',
  'trainer.miniBatch=8',
]

const out = resolve(values.out)
mkdirSync(out, { recursive: true })
const file = join(out, 'cells.jsonl')
const budget = values.small
  ? { worlds: ['composed'], arms: ['sum', 'split'], seeds: 1, steps: 2, equalCalls: false }
  : {
      worlds: listed(values.worlds, ';', WORLDS),
      arms: listed(values.arms, ',', ARMS),
      seeds: Number(values.seeds),
      steps: Number(values.steps),
      equalCalls: !values['no-equal-calls'],
    }
const settings = values.small ? SMALL : []
const cells = readCells(file)
const other = [...cells.values()].filter((cell) => cell.settings !== settingsId(settings))
if (other.length > 0)
  throw new Error(`${file} holds cells of other settings; they cannot be compared. Give another --out.`)
const bases = new Map([...cells.values()].map((cell) => [`${cell.world} / ${cell.seed}`, cell.base]))
for (const key of cellsOf(budget)) {
  if (cells.has(keyOf(key))) continue
  process.stderr.write(`${keyOf(key)}\n`)
  appendCell(file, await runCell(key, { out, settings, bases }))
  report()
}
report()
process.stdout.write(readFileSync(join(out, 'ablation.md'), 'utf8'))

function report(): void {
  const all = [...readCells(file).values()]
  const results = worldResults(all, budget.steps)
  const [first] = all
  writeFileSync(join(out, 'ablation.md'), tables(results, first === undefined ? 0 : first.rollouts / first.steps))
  writeFileSync(join(out, 'ablation.svg'), plot(results))
}

/** Names separated by a mark, each one of a table. */
function listed(text: string, mark: string, table: Readonly<Record<string, unknown>>): readonly string[] {
  const names = text.split(mark).map((name) => name.trim())
  const unknown = names.filter((name) => !Object.hasOwn(table, name))
  if (unknown.length > 0)
    throw new Error(`Not known: ${unknown.join(', ')}. There are: ${Object.keys(table).join(`${mark} `)}.`)
  return names
}
