import { randomUUID } from 'node:crypto'
import { type DdaError, hashSecrets, type Plan, type Rollout } from '@dda-thinker/plugin-api'
import type { FailureCause } from '@dda-thinker/evaluation'
import { collect, type LinesOptions, type PlacedLine, readLines, readLinesWithEnds } from '@dda-thinker/store'
import { runFile } from './layout.ts'
import { JOURNAL_LINE, METRICS_LINE, TIMING_LINE } from '../shapes/record-shapes.ts'
import { shapeOf } from '../shapes/shape.ts'

/** A finished rollout. Token traces stay out: they are as large as everything else and follow from the checkpoint. */
export interface RolloutLine {
  readonly type: 'rollout'
  /** 0 outside training. */
  readonly step: number
  /** Evaluation: which of the compared Thinkers. */
  readonly thinker?: string
  /** Tokens of the plan, where its maker counted them. */
  readonly tokens?: number
  readonly rollout: Rollout
}

/** A finished training step. */
export interface StepLine {
  readonly type: 'step'
  readonly step: number
  readonly policyVersion: number
  readonly scored: number
  readonly gated: number
  readonly masked: number
  /** Mean total reward of what is not masked. `null` in a supervised step. */
  readonly reward: number | null
  /** Samples of a supervised step. */
  readonly samples?: readonly string[]
}

/** Evaluation: the rollouts of this Thinker follow. */
export interface ThinkerLine {
  readonly type: 'thinker'
  readonly thinker: string
  readonly fingerprint: string
}

/** A line of `journal.jsonl`. No line holds the time of day: equal runs have equal journals, byte by byte. */
export type JournalLine = RolloutLine | StepLine | ThinkerLine

export interface MetricsLine {
  readonly step: number
  readonly policyVersion: number
  readonly metrics: Readonly<Record<string, number>>
  /** Why rollouts of the step are masked, where some are; absent in runs of older versions. */
  readonly causes?: readonly FailureCause[]
}

/** A line of `timings.jsonl`, the only file with the time of day. A step that was done twice has two lines. */
export interface TimingLine {
  readonly step: number
  /** ISO 8601. */
  readonly at: string
  readonly seconds: number
  readonly rolloutSeconds: number
  readonly updateSeconds: number
  readonly rollouts: number
  readonly edits: { readonly bought: number; readonly reused: number }
  readonly judgements: { readonly bought: number; readonly reused: number }
}

export function readJournal(runDir: string): AsyncIterable<JournalLine> {
  return readLines<JournalLine>(runFile(runDir, 'journal'), { check: shapeOf(JOURNAL_LINE) })
}

/** {@link readJournal}, each line with the offset behind it: from there it can be read on. */
export function readJournalWithEnds(
  runDir: string,
  options: Pick<LinesOptions, 'from' | 'onBroken'> = {},
): AsyncIterable<PlacedLine<JournalLine>> {
  return readLinesWithEnds<JournalLine>(runFile(runDir, 'journal'), { ...options, check: shapeOf(JOURNAL_LINE) })
}

/** @param onBroken told of lines that are broken, which are then passed over; without it they are errors */
export async function readMetrics(runDir: string, onBroken?: (error: DdaError) => void): Promise<MetricsLine[]> {
  const options = { check: shapeOf(METRICS_LINE), ...(onBroken === undefined ? {} : { onBroken }) }
  const lines: MetricsLine[] = []
  for await (const line of readLines<MetricsLine>(runFile(runDir, 'metrics'), options)) {
    // JSON writes what is no number as null, and older versions let that through: it was not measured.
    const measured = Object.entries(line.metrics).filter(([, value]) => (value as number | null) !== null)
    lines.push({ ...line, metrics: Object.fromEntries(measured) })
  }
  return lines
}

/** Lines that are broken are passed over: nothing but what people are shown depends on them. */
export function readTimings(runDir: string): Promise<TimingLine[]> {
  return collect(
    readLines<TimingLine>(runFile(runDir, 'timings'), { check: shapeOf(TIMING_LINE), onBroken: () => undefined }),
  )
}

export function rolloutLine(step: number, rollout: Rollout, thinker?: string): string {
  return jsonOf(lineOf(step, rollout, thinker))
}

/** What tells one request for a rollout from another. */
export type RolloutName = Pick<Rollout, 'id' | 'group' | 'member'>

/**
 * {@link rolloutLine} of a rollout that is on the record and is put there once more under another name, byte for byte; all but the name is made into
 * text once.
 */
export function repeatedLine(
  step: number,
  first: Rollout,
  { id, group, member }: RolloutName,
  thinker: string,
): string {
  let pieces = PIECES.get(first)
  if (pieces === undefined) {
    pieces = piecesOf(first)
    PIECES.set(first, pieces)
  }
  const values = { step, thinker, id, group, member }
  // Texts at even places, at odd ones the names of what comes between them.
  return pieces.reduce(
    (line, piece, at) => line + (at % 2 === 0 ? piece : JSON.stringify(values[piece as keyof typeof values])),
    '',
  )
}

const PIECES = new WeakMap<Rollout, readonly string[]>()
/** Stands where the name comes; nothing else holds it. */
const MARK = randomUUID().replaceAll('-', '')

function piecesOf(first: Rollout): readonly string[] {
  const mark = (key: string) => `${MARK}${key}` as never
  const [id, group, member] = [mark('id'), mark('group'), mark('member')]
  const { plan } = first
  const named = { ...first, id, group, member, ...(plan === undefined ? {} : { plan: { ...plan, id } }) }
  const line: RolloutLine = { ...lineOf(0, named, mark('thinker')), step: mark('step') }
  return jsonOf(line).split(new RegExp(`"${MARK}(\\w+)"`))
}

function lineOf(step: number, rollout: Rollout, thinker: string | undefined): RolloutLine {
  const { plan } = rollout
  return {
    type: 'rollout',
    step,
    ...(thinker === undefined ? {} : { thinker }),
    ...(plan?.tokens === undefined ? {} : { tokens: plan.tokens.ids.length }),
    rollout: plan?.tokens === undefined ? rollout : { ...rollout, plan: withoutTokens(plan) },
  }
}

function jsonOf(line: RolloutLine): string {
  const json = JSON.stringify(line)
  return hashSecrets(json) === json ? json : JSON.stringify(line, hashedFingerprints)
}

/** Roles name themselves in what they make, by fingerprints that nobody has seen on the way. */
function hashedFingerprints(key: string, value: unknown): unknown {
  const isFingerprint = key === 'judge' || key === 'thinker' || key === 'editor'
  return isFingerprint && typeof value === 'string' ? hashSecrets(value) : value
}

function withoutTokens({ tokens: _tokens, ...plan }: Plan): Plan {
  return plan
}
