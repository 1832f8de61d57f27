import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dda, sets } from './run-dda.ts'

/** What training the demo's project in one way came to, a record a step. */
export interface TrainedArm {
  readonly arm: string
  readonly seed: number
  readonly metrics: readonly Readonly<Record<string, number>>[]
  readonly seconds: readonly number[]
}

/**
 * Trains the demo's project in several ways, one after the other: same samples, steps and rollouts of a seed. Runs that are finished are
 * not run again, so a call that was cut can be repeated.
 * @param out folder that gets a project for each seed
 * @param common settings of all arms (`key=value`), with which the samples are made
 * @param arms settings of each besides
 */
export async function* trainArms(
  out: string,
  { seeds, common }: { readonly seeds: number; readonly common: readonly string[] },
  arms: Readonly<Record<string, readonly string[]>>,
): AsyncGenerator<TrainedArm> {
  mkdirSync(out, { recursive: true })
  for (let seed = 1; seed <= seeds; seed++) {
    const project = join(out, `seed-${seed}`)
    const settings = [`seed=${seed}`, ...common]
    if (!existsSync(join(project, 'dda.config.yaml'))) await dda(out, ['init', project, '--name', 'arms'])
    if (!existsSync(join(project, 'data/samples.jsonl'))) await dda(project, ['synthesize', ...sets(settings)])
    for (const [arm, changes] of Object.entries(arms)) {
      await dda(project, ['train', '--name', arm, ...sets([...settings, ...changes])])
      const run = join(project, 'runs', arm)
      const metrics = lines(run, 'metrics.jsonl').map(({ metrics: of }) => of as Readonly<Record<string, number>>)
      const seconds = lines(run, 'timings.jsonl').map(({ updateSeconds }) => Number(updateSeconds))
      yield { arm, seed, metrics, seconds }
    }
  }
}

function lines(run: string, file: string): readonly Record<string, unknown>[] {
  const text = readFileSync(join(run, file), 'utf8').trim()
  return text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** Of a metric over steps; those that do not have it are left out. @returns undefined where none has */
export function meanOf(metrics: TrainedArm['metrics'], name: string): number | undefined {
  return mean(metrics.flatMap((one) => one[name] ?? []))
}

export function mean(list: readonly number[]): number | undefined {
  return list.length === 0 ? undefined : list.reduce((sum, x) => sum + x, 0) / list.length
}

/** A table of Markdown; what is not known is a dash. */
export function markdown(head: readonly string[], rows: readonly (readonly (string | number | undefined)[])[]): string {
  const shown = rows.map((cells) =>
    cells.map((cell) => (cell === undefined ? '–' : typeof cell === 'number' ? cell.toFixed(3) : cell)),
  )
  return `${[head, head.map(() => '---'), ...shown].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`
}
