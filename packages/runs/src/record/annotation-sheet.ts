import { isBroken, openRows } from '@dda-thinker/data-files'
import { Lookup } from '@dda-thinker/evaluation'
import { assess, type Scope, type Verdict } from '@dda-thinker/plugin-api'
import { writeFileAtomic, jsonLine } from '@dda-thinker/store'
import type { ProjectPaths } from '../data/workspace.ts'
import { errors } from '../errors.ts'
import { annotationProblem, appendAnnotations, type Annotation, type NewAnnotation } from './annotations.ts'
import { listArms, listSamplesOf } from './arms.ts'
import type { RunInfo } from './run-dir.ts'

/** A question to people: one item of one rollout, with what there is to see. Empty where there is none. */
export interface SheetRow {
  readonly rollout: string
  readonly item: string
  /** To be filled in: yes, no or unsure. */
  readonly answer: string
  readonly by: string
  readonly note: string
  readonly scope: Scope
  readonly question: string
  readonly instruction: string
  /** Of a cognitive item. */
  readonly plan: string
  /** Content hashes, of a visual item. */
  readonly source: string
  readonly edited: string
  /** Of the judge; only where it was asked for. */
  readonly verdict?: Verdict['answer'] | ''
  readonly reason?: string
}

export interface SheetOptions {
  /** What the judge says, too. Default false: who sees it is led by it. */
  readonly judged?: boolean
}

/** Every question of a run that a judge was asked, in the order of the record. */
export async function* sheetRows(
  run: Pick<RunInfo, 'dir' | 'name'>,
  paths: ProjectPaths,
  { judged = false }: SheetOptions = {},
): AsyncIterable<SheetRow> {
  for (const arm of (await listArms(run)).values()) {
    const samples = new Lookup(await listSamplesOf(run, [arm], paths), ({ id }) => id)
    for (const rollout of arm.rollouts) {
      const sample = samples.get(rollout.sampleId)
      if (sample === undefined) continue
      for (const { item, verdict } of assess(sample.checklist, rollout.verdicts)) {
        if (verdict === undefined) continue
        const visual = item.scope === 'visual'
        yield {
          rollout: rollout.id,
          item: item.id,
          answer: '',
          by: '',
          note: '',
          scope: item.scope,
          question: item.question,
          instruction: sample.instruction,
          plan: visual ? '' : (rollout.plan?.executable ?? ''),
          source: visual ? sample.images.map(({ hash }) => hash).join(' ') : '',
          edited: visual ? (rollout.edit?.image.hash ?? '') : '',
          ...(judged && { verdict: verdict.answer, reason: verdict.reason ?? '' }),
        }
      }
    }
  }
}

/** Writes records as JSON lines, or as CSV where the file is called so. */
export async function writeRecords(file: string, rows: AsyncIterable<object> | Iterable<object>): Promise<number> {
  const csv = /\.csv$/i.test(file)
  const lines: string[] = []
  let count = 0
  for await (const row of rows) {
    if (csv && count === 0) lines.push(csvLine(Object.keys(row)))
    lines.push(csv ? csvLine(Object.values(row)) : `${jsonLine(row)}\n`)
    count += 1
  }
  await writeFileAtomic(file, lines.join(''))
  return count
}

/** RFC 4180. */
function csvLine(values: readonly unknown[]): string {
  const cells = values.map((value) => {
    const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  })
  return `${cells.join(',')}\r\n`
}

export interface ImportedAnnotations {
  readonly annotations: readonly Annotation[]
  /** Rows without an answer. */
  readonly empty: number
}

/**
 * Appends what a sheet of rows (CSV, TSV, JSON, JSON lines or Parquet, as {@link sheetRows} has them, filled in) says of a run. Rows without an
 * answer are passed over; where any other is unfit, nothing is written.
 *
 * @param by who says so, where a row does not tell
 * @throws DdaError `DDA_ANNOTATION_INVALID` with the place of the row; those of {@link appendAnnotations} and of reading the file
 */
export async function importAnnotations(
  run: Pick<RunInfo, 'dir' | 'name'>,
  paths: ProjectPaths,
  file: string,
  by?: string,
): Promise<ImportedAnnotations> {
  const given: (NewAnnotation & { readonly at: string })[] = []
  const now = new Date().toISOString()
  let empty = 0
  for await (const row of openRows([file])) {
    const place = `row ${row.number} of ${row.file}`
    if (isBroken(row)) throw errors.make('DDA_ANNOTATION_INVALID', { place, problem: row.problem })
    const annotation = annotationOf(row.value, now, by)
    if (annotation === undefined) {
      empty += 1
      continue
    }
    const problem = annotationProblem(annotation)
    if (problem !== undefined) throw errors.make('DDA_ANNOTATION_INVALID', { place, problem })
    given.push(annotation as NewAnnotation & { readonly at: string })
  }
  await requireKnown(run, paths, given)
  return { annotations: await appendAnnotations(run.dir, given), empty }
}

function annotationOf(value: Readonly<Record<string, unknown>>, now: string, who: string | undefined): unknown {
  const { rollout, item, note, at, blind } = value
  const answer = typeof value['answer'] === 'string' ? value['answer'].trim().toLowerCase() : value['answer']
  // A sheet that is filled in half way has blanks; `null` in JSON takes an answer back.
  if (answer === '' || answer === undefined) return undefined
  const by = value['by'] === '' || value['by'] === undefined ? who : value['by']
  return {
    rollout,
    item,
    answer,
    by,
    at: at === '' || at === undefined ? now : at,
    ...(note === '' || note === undefined ? {} : { note }),
    ...(typeof blind === 'boolean' ? { blind } : {}),
  }
}

/** An answer to a question that nobody asked is a slip, and would be passed over for ever. */
async function requireKnown(
  run: Pick<RunInfo, 'dir' | 'name'>,
  paths: ProjectPaths,
  given: readonly NewAnnotation[],
): Promise<void> {
  const open = new Map(given.map((one) => [JSON.stringify([one.rollout, one.item]), one]))
  if (open.size === 0) return
  for await (const { rollout, item } of sheetRows(run, paths)) open.delete(JSON.stringify([rollout, item]))
  const [first] = open.values()
  if (first === undefined) return
  const problem = `no judge of ${run.name} was asked item ${first.item} of rollout ${first.rollout}`
  throw errors.make('DDA_ANNOTATION_INVALID', { place: `answer by ${first.by}`, problem })
}
