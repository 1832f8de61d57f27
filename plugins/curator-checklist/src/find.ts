import { assess, type ChecklistItem, counts, type ItemFinding, type Rollout } from '@dda-thinker/plugin-api'

export interface FindOptions {
  /** Answers that an item needs before anything is said of it. */
  readonly minAnswers: number
  /** Share of `unsure` answers above which an item is undecided, from 0 to 1. */
  readonly maxUnsure: number
}

export interface Findings {
  readonly findings: readonly ItemFinding[]
  /** Items with answers enough to say something of them. */
  readonly measured: number
  /** Measured items that some rollouts passed and some did not, each redundant group counted once. */
  readonly informative: number
}

interface Answers {
  readonly item: ChecklistItem
  /** By rollout; `undefined` where it was not asked. */
  readonly passed: readonly (boolean | undefined)[]
  readonly asked: number
  readonly unsure: number
}

/** What rollouts of one sample say of the items of its checklist: a pure function over stored rollouts. */
export function findItems(
  checklist: readonly ChecklistItem[],
  rollouts: readonly Rollout[],
  { minAnswers, maxUnsure }: FindOptions,
): Findings {
  const measured = answersOf(checklist, rollouts).filter(({ asked }) => asked >= minAnswers)
  const findings: ItemFinding[] = []
  const telling: Answers[] = []
  for (const answers of measured) {
    const { item, passed, asked, unsure } = answers
    const wins = passed.filter((one) => one === true).length
    if (unsure / asked > maxUnsure) findings.push({ itemId: item.id, finding: 'undecided' })
    if (wins === 0) findings.push({ itemId: item.id, finding: 'never-passed' })
    // What is to be preserved is preserved by most plans; that is no fault of the item.
    else if (wins === asked && item.aspect !== 'preservation')
      findings.push({ itemId: item.id, finding: 'always-passed' })
    if (wins === 0 || wins === asked) continue
    const twin = telling.find((other) => sameAnswers(other, answers))
    if (twin === undefined) telling.push(answers)
    else findings.push({ itemId: item.id, finding: 'redundant', with: twin.item.id })
  }
  return { findings, measured: measured.length, informative: telling.length }
}

function answersOf(checklist: readonly ChecklistItem[], rollouts: readonly Rollout[]): readonly Answers[] {
  const assessed = rollouts
    .filter(({ outcome }) => counts(outcome))
    .map(({ verdicts }) => new Map(assess(checklist, verdicts).map((one) => [one.item.id, one])))
  return checklist.map((item) => {
    const answers = assessed.map((one) => one.get(item.id))
    const given = answers.flatMap((one) => one?.verdict ?? [])
    return {
      item,
      passed: answers.map((one) => one?.passed),
      asked: given.length,
      unsure: given.filter(({ answer }) => answer === 'unsure').length,
    }
  })
}

/** Passed by the same rollouts and failed by the same. Items of different scopes say different things even so. */
function sameAnswers(a: Answers, b: Answers): boolean {
  return a.item.scope === b.item.scope && a.passed.every((one, index) => one === b.passed[index])
}
