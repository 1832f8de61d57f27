// Which reward teaches what: npx jiti bench/ablation.ts [--seeds 3] [--steps N] [--out bench/results/ablation], after npm run build
// The dual-atomic reward beside visual-only and a holistic all-or-nothing reward: same samples, same base policy, same budget of
// steps and rollouts, same Editor and judges. Every arm is judged by the same checklists on the held-out split, whatever it was
// trained on. Writes ablation.json, ablation.md and ablation.svg; runs that are finished are not run again.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { dda, sets } from './run-dda.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    steps: { type: 'string' },
    out: { type: 'string', default: join(root, 'bench/results/ablation') },
  },
})

/** Each arm is the template's reward with these changes. */
const ARMS: Readonly<Record<string, readonly string[]>> = {
  'dual-atomic': [],
  'visual only': ['reward.weights.cognitive=0', 'reward.weights.visual=0.9'],
  'all or nothing': ['reward.combine=all-or-nothing'],
}

interface Curve {
  readonly step: number
  readonly solved: number
}

interface Outcome {
  readonly seed: number
  readonly base: number
  readonly trained: number
  readonly byCategory: Readonly<Record<string, number>>
  readonly curve: readonly Curve[]
}

const out = resolve(values.out)
mkdirSync(out, { recursive: true })
const results: Record<string, Outcome[]> = {}
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  const project = join(out, `seed-${seed}`)
  if (!existsSync(join(project, 'dda.config.yaml'))) await dda(out, ['init', project, '--name', 'ablation'])
  const common = [`seed=${seed}`, ...(values.steps === undefined ? [] : [`train.steps=${values.steps}`])]
  if (!existsSync(join(project, 'data/curated.jsonl'))) {
    await dda(project, ['synthesize', ...sets(common)])
    await dda(project, ['curate', ...sets(common)])
  }
  for (const [arm, changes] of Object.entries(ARMS)) {
    const run = arm.replaceAll(' ', '-')
    await dda(project, ['train', '--name', run, ...sets([...common, ...changes])])
    // Judged by the same reward as every other arm.
    const record = `evaluate-${run}`
    await dda(project, ['eval', '-t', 'base', '-t', `run:${run}`, '--name', record, ...sets(common)])
    results[arm] = [...(results[arm] ?? []), outcome(project, seed, run, record)]
    write()
  }
}
process.stdout.write(readFileSync(join(out, 'ablation.md'), 'utf8'))

interface Score {
  readonly solved: number
  readonly byCategory: Readonly<Record<string, { readonly solved: number }>>
}

function outcome(project: string, seed: number, run: string, record: string): Outcome {
  const thinkers = read(join(project, 'runs', record, 'scores.json')) as Record<string, Score>
  const trained = Object.entries(thinkers).find(([name]) => name !== 'base')?.[1]
  const base = thinkers['base']
  if (base === undefined || trained === undefined) throw new Error(`${record} lacks a Thinker`)
  const metrics = readFileSync(join(project, 'runs', run, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
  const curve = metrics.map((line) => {
    const { step, metrics: of } = JSON.parse(line) as { step: number; metrics: Record<string, number> }
    return { step, solved: of['solved'] ?? Number.NaN }
  })
  const byCategory = Object.fromEntries(Object.entries(trained.byCategory).map(([name, { solved }]) => [name, solved]))
  return { seed, base: base.solved, trained: trained.solved, byCategory, curve }
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}

function write(): void {
  writeFileSync(join(out, 'ablation.json'), `${JSON.stringify(results, null, 1)}\n`)
  writeFileSync(join(out, 'ablation.md'), table())
  writeFileSync(join(out, 'ablation.svg'), plot())
}

function table(): string {
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length
  const categories = Object.keys(Object.values(results)[0]?.[0]?.byCategory ?? {})
  const head = ['reward', 'held-out solved, mean', 'by seed', ...categories]
  const rows = Object.entries(results).map(([arm, list]) => [
    arm,
    percent(mean(list.map(({ trained }) => trained))),
    list.map(({ trained }) => percent(trained)).join(', '),
    ...categories.map((category) => percent(mean(list.map(({ byCategory }) => byCategory[category] ?? Number.NaN)))),
  ])
  const bases =
    Object.values(results)[0]
      ?.map(({ base }) => percent(base))
      .join(', ') ?? ''
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return `${lines.join('\n')}\n\nBase policy, by seed: ${bases}.\n`
}

/** Solved fraction of the training rollouts over steps: thin lines are seeds, the thick one their mean, smoothed over 9 steps. */
function plot(): string {
  const [width, height, left, bottom] = [760, 380, 56, 44]
  const colours = ['#0b7a75', '#c8553d', '#5b6c8f']
  const last = Math.max(...Object.values(results).flatMap((list) => list.flatMap(({ curve }) => curve.length)), 2)
  const x = (step: number): number => left + ((step - 1) / (last - 1)) * (width - left - 150)
  const y = (value: number): number => height - bottom - value * (height - bottom - 24)
  const smooth = (curve: readonly Curve[]): Curve[] =>
    curve.map(({ step }, i) => {
      const near = curve.slice(Math.max(0, i - 4), i + 5)
      return { step, solved: near.reduce((sum, { solved }) => sum + solved, 0) / near.length }
    })
  const path = (curve: readonly Curve[]): string =>
    curve.map(({ step, solved }, i) => `${i === 0 ? 'M' : 'L'}${x(step).toFixed(1)} ${y(solved).toFixed(1)}`).join('')
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (value) =>
      `<line x1="${left}" x2="${width - 150}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/>` +
      `<text x="${left - 8}" y="${y(value) + 4}" text-anchor="end">${value * 100} %</text>`,
  )
  const labels: number[] = []
  const arms = Object.entries(results).map(([arm, list], i) => {
    const colour = colours[i % colours.length] ?? '#000'
    const curves = list.map(({ curve }) => smooth(curve))
    const steps = Math.min(...curves.map(({ length }) => length))
    const mean = Array.from({ length: steps }, (_, k) => ({
      step: k + 1,
      solved: curves.reduce((sum, curve) => sum + (curve[k]?.solved ?? 0), 0) / curves.length,
    }))
    const thin = curves.map((curve) => `<path d="${path(curve)}" fill="none" stroke="${colour}" stroke-opacity=".3"/>`)
    let at = y(mean.at(-1)?.solved ?? 0) + 4
    while (labels.some((taken) => Math.abs(taken - at) < 15)) at += 1
    labels.push(at)
    const label = `<text x="${width - 142}" y="${at}" fill="${colour}">${arm}</text>`
    return `${thin.join('')}<path d="${path(mean)}" fill="none" stroke="${colour}" stroke-width="2.5"/>${label}`
  })
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">` +
    `<rect width="${width}" height="${height}" fill="#fff"/>${grid.join('')}${arms.join('')}` +
    `<text x="${(width - 150 + left) / 2}" y="${height - 10}" text-anchor="middle">training step, 1 to ${last}</text>` +
    `<text x="${left}" y="14">training rollouts with every item passed</text></svg>\n`
  )
}
