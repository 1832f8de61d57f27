import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import type { Logger } from '@dda-thinker/plugin-api'
import { isBroken, openRows } from '@dda-thinker/data-files'
import { normalPicture } from '@dda-thinker/pictures'
import { badFile } from './bad-input.ts'
import { pictureHash } from './picture-hash.ts'
import { PictureIndex } from './source-pictures.ts'
import { runsOf, TextIndex, wordsOf } from './text.ts'

/** Columns in which benchmarks keep instructions: RISE, KRIS (English, Chinese), UniREditBench, GRADE, RE-Edit, WiseEdit. */
const INSTRUCTIONS = [
  'instruction',
  'ins_en',
  'ins_cn',
  'text',
  'edit_instruction_en',
  'edit_prompt',
  'prompt',
  'instruction_en',
]
const PICTURE = /\.(png|jpe?g|webp)$/i
/** Shorter instructions are looked for only as a whole: so few words in a row are nobody's. */
const SHORTEST_RUN = 4

/** What is in benchmarks, to be kept out of the data. */
export class Contamination {
  readonly pictures = new PictureIndex()
  readonly #runs = new Set<string>()
  readonly #lengths = new Set<number>()
  readonly #texts = new TextIndex()
  readonly #ngram: number
  readonly #similarity: number
  #instructions = 0

  constructor(given: { readonly ngram: number; readonly similarity: number }) {
    this.#ngram = given.ngram
    this.#similarity = given.similarity
  }

  addInstruction(text: string): void {
    const words = wordsOf(text)
    if (words.length === 0) return
    this.#instructions += 1
    this.#texts.add(text)
    const size = Math.min(this.#ngram, words.length)
    if (size < SHORTEST_RUN) return
    this.#lengths.add(size)
    for (const run of runsOf(words, size)) this.#runs.add(run)
  }

  /** Does an instruction share a run of words with a benchmark's, or is it a near duplicate of one? */
  hasInstruction(text: string): boolean {
    const words = wordsOf(text)
    for (const size of this.#lengths) if (runsOf(words, size).some((run) => this.#runs.has(run))) return true
    return this.#texts.has(text, this.#similarity)
  }

  get summary(): string {
    return `${this.#instructions} instructions and ${this.pictures.size} pictures of benchmarks are kept out`
  }
}

/**
 * Reads the official files of benchmarks: instructions by the names of their columns, pictures by whatever names a file. A row whose
 * picture is not there is said in the log, with how many.
 *
 * @throws DdaError `DDA_SYNTHESIS_BENCHMARK` for files without an instruction, `DDA_DATASET_MISSING`, `DDA_DATASET_FILE`
 */
export async function readContamination(
  paths: readonly string[],
  options: { readonly ngram: number; readonly similarity: number; readonly log: Logger },
): Promise<Contamination> {
  const found = new Contamination(options)
  for (const path of paths) {
    let instructions = 0
    let absent = 0
    for await (const row of openRows([path])) {
      if (isBroken(row)) throw badFile('benchmark', `${row.file}:${row.number}`, row.problem)
      for (const column of INSTRUCTIONS) {
        const text = row.value[column]
        if (typeof text !== 'string' || text.trim() === '') continue
        found.addInstruction(text)
        instructions += 1
      }
      for (const name of picturesIn(row.value)) if (!(await addPicture(found.pictures, row.file, name))) absent += 1
    }
    if (instructions === 0) throw badFile('benchmark', path, `no row has an instruction (${INSTRUCTIONS.join(', ')})`)
    if (absent > 0) options.log.warn(`${absent} pictures that ${path} names are not there: they are not kept out`)
  }
  if (paths.length > 0) options.log.info(found.summary)
  return found
}

async function addPicture(index: PictureIndex, file: string, name: string): Promise<boolean> {
  const root = dirname(file)
  const full = resolve(root, name)
  if (relative(root, full).split(sep)[0] === '..') return false
  const bytes = await readFile(full).catch(() => undefined)
  if (bytes === undefined) return false
  // As the store keeps a source picture: it is the hash of that form that is looked for.
  const stored = await normalPicture(bytes).then(
    (picture) => picture.bytes,
    () => bytes,
  )
  const hash = await pictureHash(stored).catch(() => undefined)
  index.add(relative(dirname(root), full).split(sep).join('/'), createHash('sha256').update(stored).digest('hex'), hash)
  return true
}

/** Every text of a row that names a picture, also in lists. */
function picturesIn(value: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.values(value)
    .flat()
    .filter((one): one is string => typeof one === 'string' && one.length < 512 && PICTURE.test(one))
}
