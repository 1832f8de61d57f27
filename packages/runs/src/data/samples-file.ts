import { DigestSet, type Sample, sampleProblem, type Scope, SCOPES } from '@dda-thinker/plugin-api'
import { type PlacedLine, readLines, readLinesWithEnds } from '@dda-thinker/store'
import { errors } from '../errors.ts'

/**
 * The samples of a file, one at a time, each checked: the one way in which samples are read.
 *
 * @throws DdaError `DDA_DATA_CORRUPT`, `DDA_DATA_DUPLICATE` with file:line
 */
export async function* readSamples(file: string): AsyncIterable<Sample> {
  for await (const { value } of readSamplesWithEnds(file)) yield value
}

/** {@link readSamples}, each with the offset behind its line. */
export async function* readSamplesWithEnds(file: string): AsyncIterable<PlacedLine<Sample>> {
  let line = 0
  const ids = new DigestSet()
  for await (const placed of readLinesWithEnds<Sample>(file, { whole: true })) {
    line += 1
    checkLine(file, line, placed.value)
    const { id } = placed.value
    // Digests seldom err: the file says whether it is there twice.
    const first = ids.add(id) ? line : await firstLineOf(file, id)
    if (first < line) throw duplicateSample(file, line, id, first)
    yield placed
  }
}

/** From 1. */
async function firstLineOf(file: string, id: string): Promise<number> {
  let line = 0
  for await (const sample of readLines<Sample>(file, { whole: true })) {
    line += 1
    if (sample.id === id) return line
  }
  return line
}

/** The scopes that some checklist uses. */
export function scopesOf(samples: Iterable<Sample>): Scope[] {
  const scopes = new Set<Scope>()
  for (const { checklist } of samples) {
    for (const item of checklist) scopes.add(item.scope)
    if (scopes.size === SCOPES.length) break
  }
  return [...scopes].toSorted()
}

/** {@link scopesOf} of a file, read only as far as it has to be. */
export async function scopesIn(file: string): Promise<Scope[]> {
  const scopes = new Set<Scope>()
  for await (const sample of readSamples(file)) {
    for (const scope of scopesOf([sample])) scopes.add(scope)
    if (scopes.size === SCOPES.length) break
  }
  return [...scopes].toSorted()
}

function duplicateSample(file: string, line: number, id: string, first: number) {
  return errors.make(
    'DDA_DATA_DUPLICATE',
    { first, line, file, sample: id },
    { location: `${file}:${line}:1`, sampleId: id },
  )
}

function checkLine(file: string, line: number, sample: unknown): void {
  const problem = sampleProblem(sample)
  if (problem === undefined) return
  throw errors.make('DDA_DATA_CORRUPT/sample', { line, file, problem }, { location: `${file}:${line}:1` })
}
