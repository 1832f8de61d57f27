import {
  assess,
  type ChecklistItem,
  passed,
  type Rollout,
  type Sample,
  type Scope,
  type Verdict,
} from '@dda-thinker/plugin-api'
import { type Agreement, agreement, type AnsweredTwice } from './statistics/agreement.ts'

/** What a person says of one item of one rollout. */
export interface HumanAnswer {
  readonly rollout: string
  readonly item: string
  readonly answer: Verdict['answer']
  /** Who says so. */
  readonly by: string
}

/** Agreement on one group of questions. */
export interface GroupAgreement extends Agreement {
  readonly scope: Scope
  /** Fingerprint of the judge; or the item's id and what it asks, of the first sample met. */
  readonly name: string
  readonly question?: string
}

export interface HumanAgreement {
  readonly all: Agreement
  readonly byJudge: readonly GroupAgreement[]
  /** The least agreed on first. */
  readonly byItem: readonly GroupAgreement[]
  /** Questions that people answered differently; the majority's answer is taken, and none of a tie. */
  readonly disputed: number
  /** Questions without an answer of a judge, or only `unsure` of people. */
  readonly leftOut: number
}

interface Group {
  readonly scope: Scope
  readonly name: string
  readonly question?: string
  readonly pairs: AnsweredTwice[]
}

/** Adds up, rollout by rollout, how far judges agree with people. `unsure` of a judge passes no item, as in a reward. */
export class AgreementTally {
  readonly #answers = new Map<string, Map<string, readonly HumanAnswer[]>>()
  readonly #all: AnsweredTwice[] = []
  readonly #judges = new Map<string, Group>()
  readonly #items = new Map<string, Group>()
  #open = 0
  #disputed = 0

  /** @param answers one of each person to a question */
  constructor(answers: Iterable<HumanAnswer>) {
    for (const answer of answers) {
      const items = this.#answers.get(answer.rollout) ?? new Map<string, readonly HumanAnswer[]>()
      const known = items.get(answer.item)
      if (known === undefined) this.#open += 1
      items.set(answer.item, [...(known ?? []), answer])
      this.#answers.set(answer.rollout, items)
    }
  }

  /** Is there anything about this rollout? */
  wants(rollout: string): boolean {
    return this.#answers.has(rollout)
  }

  add(rollout: Pick<Rollout, 'id' | 'verdicts'>, { checklist }: Pick<Sample, 'checklist'>): void {
    const answers = this.#answers.get(rollout.id)
    if (answers === undefined) return
    for (const { item, verdict } of assess(checklist, rollout.verdicts)) {
      const given = answers.get(item.id)
      if (given === undefined) continue
      const human = this.#majority(item, given)
      if (human === undefined || verdict === undefined) continue
      this.#open -= 1
      this.#put(item, verdict, { human, judge: passed(item, verdict) })
    }
  }

  result(confidence = 0.95): HumanAgreement {
    const each = (groups: ReadonlyMap<string, Group>): GroupAgreement[] =>
      Array.from(groups.values(), ({ pairs, ...group }) => ({ ...group, ...agreement(pairs, confidence) }))
    return {
      all: agreement(this.#all, confidence),
      byJudge: each(this.#judges).toSorted((a, b) => b.count - a.count),
      byItem: each(this.#items).toSorted((a, b) => (a.raw.value ?? 1) - (b.raw.value ?? 1) || b.count - a.count),
      disputed: this.#disputed,
      leftOut: this.#open,
    }
  }

  /** Does the item pass by most of those who are sure? */
  #majority(item: ChecklistItem, given: readonly HumanAnswer[]): boolean | undefined {
    const sure = given.filter(({ answer }) => answer !== 'unsure')
    const pass = sure.filter(({ answer }) => answer === item.expected).length
    if (pass > 0 && pass < sure.length) this.#disputed += 1
    return pass * 2 === sure.length ? undefined : pass * 2 > sure.length
  }

  #put(item: ChecklistItem, { judge }: Verdict, pair: AnsweredTwice): void {
    const { scope, id, question } = item
    this.#all.push(pair)
    const groups: [Map<string, Group>, Omit<Group, 'pairs'>][] = [
      [this.#judges, { scope, name: judge }],
      [this.#items, { scope, name: id, question }],
    ]
    for (const [map, group] of groups) {
      const key = `${scope}\0${group.name}`
      const known = map.get(key) ?? { ...group, pairs: [] }
      known.pairs.push(pair)
      map.set(key, known)
    }
  }
}
