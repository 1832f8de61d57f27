import { assess, type Rollout } from '@dda-thinker/plugin-api'
import { readJournalWithEnds, type RolloutLine, runFile, type RunInfo } from '@dda-thinker/runs'
import { StoredLines, textFacts, TextReader } from '@dda-thinker/store'
import { OUTCOMES, RunColumns } from '../columns/run-columns.ts'
import { SearchTexts } from '../columns/texts.ts'
import type { ChunkState } from '../columns/wire.ts'
import { ColumnWriter } from './column-writer.ts'
import { faultOf, isUnscored, judgedChecklist } from './judged-checklist.ts'
import type { SampleCatalogue } from './sample-catalogue.ts'

/** Bytes before the place that was read to, by which a journal that was cut and written on is told. */
const TAIL = 256

interface Waiting {
  readonly isIn: (index: RunIndex) => boolean
  readonly resolve: () => void
}

/**
 * The rollouts of a run as columns, read once and then from where it ended. A journal that was written anew (evaluations replace the
 * rollouts that they try again, training that continues cuts off what is behind its checkpoint) is read again as a whole.
 */
export class RunIndex {
  readonly run: RunInfo
  columns = new RunColumns()
  texts = new SearchTexts()
  /** Last step of training that is on the record as a whole. */
  wholeStep = 0
  readonly #file: string
  readonly #samples: SampleCatalogue
  #lines: StoredLines<RolloutLine>
  #writer: ColumnWriter
  #generation: number
  #read = 0
  #size = 0
  #inode: number | undefined
  #tail: Buffer | undefined
  #broken = 0
  #reading: Promise<void> | undefined
  readonly #waiting = new Set<Waiting>()

  constructor(run: RunInfo, samples: SampleCatalogue, generation: number) {
    this.run = run
    this.#generation = generation
    this.#samples = samples
    this.#file = runFile(run.dir, 'journal')
    this.#lines = new StoredLines(this.#file)
    this.#writer = new ColumnWriter(this.columns)
  }

  get samples(): SampleCatalogue {
    return this.#samples
  }

  state(): ChunkState {
    return {
      generation: this.#generation,
      complete: this.#reading === undefined,
      read: this.#read,
      size: Math.max(this.#size, this.#read),
      broken: this.#broken,
    }
  }

  /** Reads what there is more. Ends when all is in; the columns grow while it works. */
  refresh(): Promise<void> {
    this.#reading ??= this.#readOn().finally(() => (this.#reading = undefined))
    return this.#reading
  }

  /** Resolves when what is asked for has been read; where it is not on the disk, when all is. */
  async reach(isIn: Waiting['isIn']): Promise<void> {
    if (isIn(this)) return
    await new Promise<void>((resolve, reject) => {
      const waiting = { isIn, resolve }
      this.#waiting.add(waiting)
      this.refresh()
        .then(resolve, reject)
        .finally(() => this.#waiting.delete(waiting))
    })
  }

  /** The line of a row. @throws DdaError `DDA_DATA_CHANGED` where the journal was written anew since */
  line(row: number): RolloutLine | undefined {
    return this.#lines.at(row)
  }

  async #readOn(): Promise<void> {
    const facts = textFacts(this.#file)
    if (facts === undefined) return
    const begun = this.#inode !== undefined
    if (begun && (facts.inode !== this.#inode || facts.size < this.#read || !this.#isContinued())) this.#reset()
    this.#inode = facts.inode
    this.#size = facts.size
    if (facts.size <= this.#read) return
    let start = this.#read
    const onBroken = (_error: unknown, end: number) => {
      this.#broken += 1
      start = end
      this.#read = end
    }
    for await (const { value, end } of readJournalWithEnds(this.run.dir, { from: start, onBroken })) {
      if (value.type === 'rollout') {
        this.#lines.add(start, end)
        this.#add(value)
      } else if (value.type === 'step') this.wholeStep = value.step
      for (const { isIn, resolve } of this.#waiting) if (isIn(this)) resolve()
      start = end
      this.#read = end
    }
    this.#tail = this.#bytesBefore(this.#read)
  }

  #reset(): void {
    this.columns = new RunColumns()
    this.texts = new SearchTexts()
    this.#lines = new StoredLines(this.#file)
    this.#writer = new ColumnWriter(this.columns)
    this.#generation += 1
    this.wholeStep = 0
    this.#read = 0
    this.#broken = 0
    this.#tail = undefined
  }

  #isContinued(): boolean {
    return this.#tail === undefined || this.#tail.equals(this.#bytesBefore(this.#read))
  }

  #bytesBefore(end: number): Buffer {
    return new TextReader(this.#file).read(Math.max(0, end - TAIL), end)
  }

  #add({ step, thinker = '', tokens = 0, rollout }: RolloutLine): void {
    const sample = this.#samples.get(rollout.sampleId)
    const checklist = judgedChecklist(rollout, sample)
    const writer = this.#writer
    const { outcome, reward, edit } = rollout
    writer.items(assess(checklist, rollout.verdicts), sample?.subtask ?? sample?.category)
    writer.row({
      step,
      sample: writer.sample(rollout.sampleId, sample),
      group: writer.group(`${thinker}\n${step}\n${rollout.group}`),
      member: rollout.member,
      thinker: writer.thinker(thinker),
      outcome: OUTCOMES.indexOf(isUnscored(rollout) ? 'not scored' : outcome.kind),
      fault: faultOf(rollout, checklist),
      failure: outcome.kind === 'masked' ? writer.failure(outcome.failure) : 0,
      reward: outcome.kind === 'masked' ? Number.NaN : (reward?.total ?? Number.NaN),
      tokens,
      picture: edit === undefined ? 0 : writer.picture(edit.image),
      money: edit?.cost?.money ?? Number.NaN,
    })
    this.texts.add(textOf(rollout, sample?.instruction))
  }
}

function textOf({ id, sampleId, plan, verdicts }: Rollout, instruction = ''): string {
  const reasons = verdicts.flatMap(({ reason }) => reason ?? [])
  return [id, sampleId, instruction, plan?.executable, plan?.reasoning, ...reasons].join('\n')
}
