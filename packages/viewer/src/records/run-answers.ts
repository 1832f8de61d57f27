import { type CalibrationItem, peopleAgreement } from '@dda-thinker/evaluation'
import { deriveSeed, isDdaError } from '@dda-thinker/plugin-api'
import {
  type Annotation,
  appendAnnotations,
  calibrationItems,
  currentAnnotations,
  type ProjectPaths,
  readAnnotations,
  readHumanAgreement,
} from '@dda-thinker/runs'
import { errors } from '../errors.ts'
import type { BlindQuestion, BlindRollout, NewAnswers, RowAnnotation, RunAgreement } from '../wire/view-data.ts'
import type { Askable, ViewedRun } from './viewed-run.ts'

/** What people say of a run's rollouts, read and added to. */
export class RunAnswers {
  readonly #run: ViewedRun
  readonly #paths: ProjectPaths
  readonly #confidence: number
  /** Rows of rollouts that somebody answered, by id; of the journal as it was in this generation. */
  #rows = new Map<string, number>()
  #generation = 0

  constructor(run: ViewedRun, paths: ProjectPaths, confidence = 0.95) {
    this.#run = run
    this.#paths = paths
    this.#confidence = confidence
  }

  /** What holds now; what is said of rollouts that the run no longer has is left out. */
  async current(): Promise<readonly RowAnnotation[]> {
    const annotations = await currentAnnotations(this.#run.run.dir)
    const rows = await this.#rowsOf(new Set(annotations.map(({ rollout }) => rollout)))
    return annotations.flatMap(({ rollout, answer, ...rest }) => {
      const row = rows.get(rollout)
      return row === undefined ? [] : [rowAnnotation(row, { ...rest, answer })]
    })
  }

  /**
   * Puts answers on the record; they are on the disk when this resolves. Blind is what the page says is, unless the person had answered all of the
   * rollout before, or all about the edit and this is about the edit too: then the page has shown what the judge says, or the plan.
   *
   * @returns them as they are there, those that were taken back left out
   * @throws DdaError `DDA_VIEW_ANSWER`, `DDA_ANNOTATION_INVALID`, `DDA_VIEW_ANSWER_LOST`, `DDA_DISK_FULL`
   */
  async add({ row, rollout, by, blind, answers }: NewAnswers): Promise<readonly RowAnnotation[]> {
    const there = await this.#run.askable(row)
    if (there?.rollout !== rollout)
      throw errors.make('DDA_VIEW_ANSWER', { problem: `rollout ${row} of the run is another one` })
    const known = new Map(there.questions.map((question) => [question.id, question]))
    const unknown = answers.find(({ item }) => !known.has(item))
    if (unknown !== undefined)
      throw errors.make('DDA_VIEW_ANSWER', { problem: `the rollout has no item ${unknown.item} to answer` })
    const written = await this.#kept(async () => {
      const left = blind === true ? await this.#leftOf(by, there) : []
      const isBlind = ({ item }: (typeof answers)[number]) =>
        left.some(({ scope }) => known.get(item)?.scope === 'cognitive' || scope === 'visual')
      return answers.map((one) => ({ ...one, rollout, by, ...(isBlind(one) ? { blind: true } : {}) }))
    })
    this.#rows.set(rollout, row)
    return written.flatMap(({ answer, rollout: _rollout, ...rest }) =>
      answer === null ? [] : [rowAnnotation(row, { ...rest, answer })],
    )
  }

  /**
   * The questions of a row that come next for a person, and nothing that judges or others say until all of them are answered.
   *
   * @returns undefined where there is no such row
   */
  async questions(row: number, by: string): Promise<BlindRollout | undefined> {
    const there = await this.#run.askable(row)
    if (there === undefined) return undefined
    const { rollout, questions } = there
    const left = await this.#leftOf(by, there)
    if (left.length === 0 && questions.length > 0) {
      const others = (await this.current()).filter((one) => one.row === row && one.by !== by)
      return { row, rollout, questions, later: 0, others }
    }
    const scope = left.some((one) => one.scope === 'visual') ? 'visual' : 'cognitive'
    const now = questions.filter((one) => one.scope === scope)
    return { row, rollout, questions: now, later: left.filter((one) => one.scope !== scope).length }
  }

  async agreement(): Promise<RunAgreement> {
    const { run } = this.#run
    const confidence = this.#confidence
    return {
      judges: (await readHumanAgreement(run, this.#paths, { confidence })) ?? null,
      people: peopleAgreement(await currentAnnotations(run.dir), confidence),
      confidence,
    }
  }

  /** The questions that most people answer alike, whole in themselves. */
  calibration(): Promise<readonly CalibrationItem[]> {
    return calibrationItems(this.#run.run, this.#paths)
  }

  /** A number for each of the first rows, by which they come in an order that is drawn: the same for a seed, however many rows there are. */
  draws(seed: number, rows: number): Uint32Array<ArrayBuffer> {
    const length = Math.min(rows, this.#run.index.columns.length)
    return Uint32Array.from({ length }, (_, row) => deriveSeed('annotate', seed, row))
  }

  /** Questions that the person has never answered: what was taken back since has been shown all the same. */
  async #leftOf(by: string, { rollout, questions }: Askable): Promise<readonly BlindQuestion[]> {
    const answered = new Set<string>()
    for await (const one of readAnnotations(this.#run.run.dir))
      if (one.rollout === rollout && one.by === by && one.answer !== null) answered.add(one.item)
    return questions.filter(({ id }) => !answered.has(id))
  }

  async #kept(make: () => Promise<Parameters<typeof appendAnnotations>[1]>): Promise<readonly Annotation[]> {
    const { dir, name } = this.#run.run
    try {
      return await appendAnnotations(dir, await make())
    } catch (error) {
      if (!isDdaError(error) || error.code !== 'DDA_FILE_SYSTEM') throw error
      throw errors.make('DDA_VIEW_ANSWER_LOST', { run: name, why: error.message }, { cause: error })
    }
  }

  async #rowsOf(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
    const { index } = this.#run
    await index.refresh()
    const { generation } = index.state()
    if (generation !== this.#generation) this.#rows = new Map()
    this.#generation = generation
    const wanted = new Map([...ids].filter((id) => !this.#rows.has(id)).map((id) => [id.toLowerCase(), id]))
    if (wanted.size === 0) return this.#rows
    let row = 0
    for (const text of index.texts) {
      // A row's text begins with its id.
      const id = wanted.get(text.slice(0, text.indexOf('\n')))
      if (id !== undefined && index.line(row)?.rollout.id === id) this.#rows.set(id, row)
      row += 1
    }
    return this.#rows
  }
}

function rowAnnotation(row: number, { item, answer, by, at, note, blind }: Omit<RowAnnotation, 'row'>): RowAnnotation {
  return {
    row,
    item,
    answer,
    by,
    at,
    ...(note === undefined ? {} : { note }),
    ...(blind === undefined ? {} : { blind }),
  }
}
