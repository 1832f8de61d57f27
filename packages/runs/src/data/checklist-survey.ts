import { type Sample, type Scope } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import { scopesOf } from './samples-file.ts'

/** What the checklists of samples ask about, gathered while the samples go by. */
export class ChecklistSurvey {
  readonly #scopes = new Set<Scope>()
  #samples = 0
  #bare = 0
  #first: string | undefined

  add(sample: Sample): void {
    this.#samples += 1
    for (const scope of scopesOf([sample])) this.#scopes.add(scope)
    if (sample.checklist.length > 0) return
    this.#bare += 1
    this.#first ??= sample.id
  }

  /** The scopes that some checklist uses, sorted. */
  get scopes(): readonly Scope[] {
    return [...this.#scopes].toSorted()
  }

  /** Samples may come without checklists, but nothing can be judged of them. @throws DdaError `DDA_CHECKLIST_MISSING` */
  requireAll(): void {
    if (this.#first === undefined) return
    const hole = { count: this.#bare, all: this.#samples, first: this.#first }
    throw errors.make('DDA_CHECKLIST_MISSING/samples', hole, { stage: 'judge' })
  }
}

/** @throws DdaError `DDA_CHECKLIST_MISSING` */
export function requireChecklists(samples: Iterable<Sample>): void {
  const survey = new ChecklistSurvey()
  for (const sample of samples) survey.add(sample)
  survey.requireAll()
}
