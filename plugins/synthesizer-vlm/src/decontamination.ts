import { createHash } from 'node:crypto'
import { dirname, relative, resolve, sep } from 'node:path'
import { type Logger, readWhole } from '@dda-thinker/plugin-api'
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
/** Words of a phrase that may be stock. */
const PHRASE = 5
/** Of a run, words outside every stock phrase without which it is nobody's either: "draw what it will look like after it" has one. */
const OWN_WORDS = 2

export interface ContaminationOptions {
  /** Words in a row that make an instruction a benchmark's; a shorter instruction counts whole. */
  readonly ngram: number
  /** Five words in a row that so many different instructions of benchmarks share, or more, are a stock phrase and tell nothing. */
  readonly stockPhrase: number
  /** Share of words and pairs of words from which on an instruction is a near duplicate, whatever it is made of. */
  readonly similarity: number
}

/** What is in benchmarks, to be kept out of the data. */
export class Contamination {
  readonly pictures = new PictureIndex()
  readonly #options: ContaminationOptions
  readonly #texts = new TextIndex()
  /** Words of the different instructions, by the words. */
  readonly #instructions = new Map<string, readonly string[]>()
  /** By length, the runs of words that tell; made when the first is asked for, since what is stock is known only at the end. */
  #telling: ReadonlyMap<number, ReadonlySet<string>> | undefined
  #count = 0

  constructor(options: ContaminationOptions) {
    this.#options = options
  }

  addInstruction(text: string): void {
    const words = wordsOf(text)
    if (words.length === 0) return
    this.#count += 1
    const key = words.join(' ')
    if (this.#instructions.has(key)) return
    this.#instructions.set(key, words)
    this.#texts.add(text)
    this.#telling = undefined
  }

  /** Does an instruction share a run of words with a benchmark's that is no stock phrase, or is it a near duplicate of one? */
  hasInstruction(text: string): boolean {
    const words = wordsOf(text)
    this.#telling ??= this.#tellingRuns()
    for (const [size, runs] of this.#telling) if (runsOf(words, size).some((run) => runs.has(run))) return true
    return this.#texts.has(text, this.#options.similarity)
  }

  #tellingRuns(): ReadonlyMap<number, ReadonlySet<string>> {
    const { ngram } = this.#options
    const all = [...this.#instructions.values()]
    const isStock = this.#stockIn(all)
    const telling = new Map<number, Set<string>>()
    for (const words of all) {
      const size = Math.min(ngram, words.length)
      if (size < SHORTEST_RUN) continue
      const stock = new Uint8Array(words.length)
      for (const [at, phrase] of runsOf(words, PHRASE).entries()) if (isStock(phrase)) stock.fill(1, at, at + PHRASE)
      const runs = telling.get(size) ?? new Set()
      telling.set(size, runs)
      for (const [at, run] of runsOf(words, size).entries()) {
        const own = stock.subarray(at, at + size).filter((one) => one === 0).length
        if (own >= OWN_WORDS) runs.add(run)
      }
    }
    return telling
  }

  #stockIn(all: readonly (readonly string[])[]): (phrase: string) => boolean {
    const counts = new Map<string, number>()
    for (const words of all) {
      for (const phrase of new Set(runsOf(words, PHRASE))) counts.set(phrase, (counts.get(phrase) ?? 0) + 1)
    }
    return (phrase) => (counts.get(phrase) ?? 0) >= this.#options.stockPhrase
  }

  get summary(): string {
    return `${this.#count} instructions and ${this.pictures.size} pictures of benchmarks are kept out`
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
  options: ContaminationOptions & { readonly log: Logger },
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
  const bytes = await readWhole(full).catch(() => undefined)
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
