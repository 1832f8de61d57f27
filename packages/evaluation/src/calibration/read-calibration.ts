import { deriveSeed, type DdaError, type ImageStore, readWhole } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import { type CalibrationItem, calibrationPictures, calibrationProblem } from './calibration-item.ts'

/** Questions that people have answered, and where they stand. */
export interface CalibrationSet {
  readonly file: string
  readonly items: readonly CalibrationItem[]
  /** Of an item: its line, from 1. */
  lineOf(item: CalibrationItem): number
}

/**
 * A calibration set from a file of JSON lines, one question a line.
 *
 * @throws DdaError `DDA_CALIBRATION_MISSING`, `DDA_CALIBRATION_INVALID` with file:line
 */
export async function readCalibration(file: string): Promise<CalibrationSet> {
  const text = await readWhole(file).catch((cause: unknown) => {
    const why = reasonOf(cause)
    throw errors.make('DDA_CALIBRATION_MISSING', { file, why }, { location: file, cause, stopsRun: true })
  })
  const lines = new Map<CalibrationItem, number>()
  const firsts = new Map<string, number>()
  // Lines end at LF alone: a JSON string may hold U+2028.
  for (const [at, one] of text
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (one.trim() === '') continue
    const line = at + 1
    const item = readItem(one, file, line)
    const key = JSON.stringify([item.rollout, item.item])
    const first = firsts.get(key)
    if (first !== undefined) {
      const holes = { first, line, file, rollout: item.rollout, item: item.item }
      throw errors.make('DDA_CALIBRATION_INVALID/twice', holes, placed(file, line))
    }
    firsts.set(key, line)
    lines.set(item, line)
  }
  if (lines.size === 0) throw errors.make('DDA_CALIBRATION_MISSING/empty', { file }, { location: file, stopsRun: true })
  return { file, items: [...lines.keys()], lineOf: (item) => lines.get(item) ?? 0 }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'there is no such file'
  return code === 'EISDIR' ? 'it is a folder' : message
}

function readItem(text: string, file: string, line: number): CalibrationItem {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const holes = { line, file, problem: 'it is not JSON' }
    throw errors.make('DDA_CALIBRATION_INVALID', holes, { ...placed(file, line), cause })
  }
  const problem = calibrationProblem(value)
  if (problem === undefined) return value as CalibrationItem
  throw errors.make('DDA_CALIBRATION_INVALID', { line, file, problem }, placed(file, line))
}

/** A set is named by whoever runs a command: what is wrong with it is no failure of a rollout. */
function placed(file: string, line: number): { readonly location: string; readonly stopsRun: true } {
  return { location: `${file}:${line}:1`, stopsRun: true }
}

/**
 * Are all pictures there that these questions show? To be asked before a judge is: one that lacks its picture is no judge that failed.
 *
 * @throws DdaError `DDA_CALIBRATION_INVALID` with file:line
 */
export async function checkCalibrationPictures(
  { file, lineOf }: Pick<CalibrationSet, 'file' | 'lineOf'>,
  items: Iterable<CalibrationItem>,
  images: Pick<ImageStore, 'get'>,
): Promise<void> {
  const seen = new Set<string>()
  for (const item of items) {
    for (const picture of calibrationPictures(item)) {
      if (seen.has(picture.hash)) continue
      seen.add(picture.hash)
      await images.get(picture).catch((cause: unknown): never => {
        throw noPicture(file, lineOf(item), picture.hash, cause)
      })
    }
  }
}

function noPicture(file: string, line: number, hash: string, cause: unknown): DdaError {
  const why = cause instanceof Error ? cause.message : String(cause)
  const holes = { line, file, hash: hash.slice(0, 12), why }
  return errors.make('DDA_CALIBRATION_INVALID/picture', holes, { ...placed(file, line), cause })
}

/**
 * So many questions of a set, drawn by a seed: the same ones whatever the order of the lines, and fewer are a part of more.
 *
 * @param most all of them where there are no more
 * @returns in the order of the set
 */
export function drawQuestions(
  items: readonly CalibrationItem[],
  most: number,
  seed: number,
): readonly CalibrationItem[] {
  if (items.length <= most) return items
  const drawn = items
    .map((item) => ({ item, draw: deriveSeed('calibration', seed, item.rollout, item.item) }))
    .toSorted((a, b) => a.draw - b.draw)
    .slice(0, most)
  const taken = new Set(drawn.map(({ item }) => item))
  return items.filter((item) => taken.has(item))
}
