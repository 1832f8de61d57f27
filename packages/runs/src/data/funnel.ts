import type { ItemFinding, SetAside } from '@dda-thinker/plugin-api'
import { Tally } from '@dda-thinker/evaluation'
import { readLines } from '@dda-thinker/store'
import { readDataManifest } from './data-manifest.ts'
import { findData } from './project-samples.ts'
import { readSamples } from './samples-file.ts'
import type { DecisionLine } from './decisions.ts'
import { DECISION_LINE, SET_ASIDE_LINE } from '../shapes/data-shapes.ts'
import { shapeOf } from '../shapes/shape.ts'
import type { ProjectPaths } from './workspace.ts'

/** One step on the way from rows to training data: `in` = `out` + all of `dropped`. */
export interface FunnelStage {
  /** `synthesize`, or the name of the curator. */
  readonly stage: string
  readonly in: number
  readonly out: number
  /** What did not come through, by reason. */
  readonly dropped: Readonly<Record<string, number>>
}

export interface Funnel {
  readonly stages: readonly FunnelStage[]
  /** Samples at the end by split. */
  readonly bySplit: Readonly<Record<string, number>>
  /** Samples at the end by category. */
  readonly byCategory: Readonly<Record<string, number>>
  /** What curators found out about checklist items, by finding. */
  readonly findings: Readonly<Partial<Record<ItemFinding['finding'], number>>>
}

/**
 * What became of the rows, stage by stage, from the records of the last `dda synthesize` (or import) and `dda curate`.
 *
 * @throws DdaError `DDA_DATA_MISSING`, `DDA_DATA_STALE`, `DDA_DATA_CORRUPT`
 */
export async function readFunnel(paths: ProjectPaths): Promise<Funnel> {
  const { file } = await findData(paths)
  const aside = await countBy(
    readLines<SetAside>(paths.setAside, { check: shapeOf(SET_ASIDE_LINE) }),
    ({ reason }) => reason,
  )
  const [bySplit, byCategory] = [new Tally(), new Tally()]
  let kept = 0
  for await (const { split, category } of readSamples(file)) {
    kept += 1
    bySplit.add(split)
    byCategory.add(category)
  }
  const end = { bySplit: bySplit.toRecord(), byCategory: byCategory.toRecord() }
  if (file === paths.samples) return { stages: [synthesis(kept, aside)], ...end, findings: {} }
  const drops = new Map<string, Tally>()
  const findings: Partial<Record<ItemFinding['finding'], number>> = {}
  let samples = 0
  for await (const line of readLines<DecisionLine>(paths.decisions, { whole: true, check: shapeOf(DECISION_LINE) })) {
    samples += 1
    for (const { finding } of line.findings ?? []) findings[finding] = (findings[finding] ?? 0) + 1
    if (line.kept) continue
    // Records of before curators were named.
    const curator = line.curator ?? 'curate'
    const reasons = drops.get(curator) ?? new Tally()
    reasons.add(line.reason)
    drops.set(curator, reasons)
  }
  const named = (await readDataManifest(paths))?.curators ?? []
  const stages: FunnelStage[] = [synthesis(samples, aside)]
  for (const stage of new Set([...named, ...drops.keys()])) {
    const dropped = drops.get(stage) ?? new Tally()
    const before = stages.at(-1)?.out ?? 0
    stages.push({ stage, in: before, out: before - dropped.total, dropped: dropped.toRecord() })
  }
  return { stages, ...end, findings }
}

function synthesis(samples: number, dropped: Tally): FunnelStage {
  return { stage: 'synthesize', in: samples + dropped.total, out: samples, dropped: dropped.toRecord() }
}

async function countBy<T>(items: AsyncIterable<T>, name: (item: T) => string): Promise<Tally> {
  const counts = new Tally()
  for await (const item of items) counts.add(name(item))
  return counts
}
