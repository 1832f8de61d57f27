import type { ItemFinding, SetAside } from '@dda-thinker/plugin-api'
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
  const end: { bySplit: Record<string, number>; byCategory: Record<string, number> } = { bySplit: {}, byCategory: {} }
  let kept = 0
  for await (const { split, category } of readSamples(file)) {
    kept += 1
    add(end.bySplit, split)
    add(end.byCategory, category)
  }
  if (file === paths.samples) return { stages: [synthesis(kept, aside)], ...end, findings: {} }
  const drops = new Map<string, Record<string, number>>()
  const findings: Partial<Record<ItemFinding['finding'], number>> = {}
  let samples = 0
  for await (const line of readLines<DecisionLine>(paths.decisions, { whole: true, check: shapeOf(DECISION_LINE) })) {
    samples += 1
    for (const { finding } of line.findings ?? []) findings[finding] = (findings[finding] ?? 0) + 1
    if (line.kept) continue
    // Records of before curators were named.
    const curator = line.curator ?? 'curate'
    const reasons = drops.get(curator) ?? {}
    add(reasons, line.reason)
    drops.set(curator, reasons)
  }
  const named = (await readDataManifest(paths))?.curators ?? []
  const stages: FunnelStage[] = [synthesis(samples, aside)]
  for (const stage of new Set([...named, ...drops.keys()])) {
    const dropped = drops.get(stage) ?? {}
    const before = stages.at(-1)?.out ?? 0
    stages.push({ stage, in: before, out: before - total(dropped), dropped })
  }
  return { stages, ...end, findings }
}

function synthesis(samples: number, dropped: Readonly<Record<string, number>>): FunnelStage {
  return { stage: 'synthesize', in: samples + total(dropped), out: samples, dropped }
}

async function countBy<T>(items: AsyncIterable<T>, name: (item: T) => string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for await (const item of items) add(counts, name(item))
  return counts
}

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
