import { useEffect, useMemo, useState } from 'preact/hooks'
import { DifferenceTable } from '../parts/difference-table.tsx'
import { PairRow } from '../parts/pair-row.tsx'
import { count } from '../parts/words.ts'
import { type Arm, armsOf } from '../state/arms.ts'
import { PAIRS, pairsOf } from '../state/pairs.ts'
import { go, hrefTo, type Query } from '../state/route.ts'
import { useRun } from '../state/run-store.ts'
import type { Source } from '../state/source.ts'
import { shortFingerprint } from '../state/short-fingerprint.ts'
import { untilAnswered } from '../state/until-answered.ts'
import type { EvaluationComparison, ViewHead } from '../../wire/view-data.ts'

interface CompareViewProps {
  readonly source: Source
  readonly head: ViewHead
  readonly query: Query
}

/** Pairs that are drawn at once. */
const PAGE = 24

/** Two Thinkers, checkpoints or Editors on the same samples, pair by pair: who solved what, and whether that is more than chance. */
export function CompareView({ source, head, query }: CompareViewProps) {
  const arms = armsOf(head)
  const a = arms.find(({ name }) => name === query['a']) ?? arms[0]
  const b =
    arms.find(({ name }) => name === query['b']) ?? arms.find((arm) => arm.run === a?.run && arm !== a) ?? arms[1]
  const set = (changed: Query) => go(hrefTo(['compare'], { ...query, ...changed }))
  if (a === undefined || b === undefined)
    return (
      <p class="empty">Two finished evaluations, or two Thinkers of one, can be compared. `dda eval` makes some.</p>
    )
  return (
    <section>
      <h1>Compare</h1>
      <form class="filters arms" onSubmit={(event) => event.preventDefault()}>
        <ArmChoice label="A" arms={arms} value={a.name} set={(name) => set({ a: name })} />
        <ArmChoice label="B" arms={arms} value={b.name} set={(name) => set({ b: name })} />
        <button type="button" onClick={() => set({ a: b.name, b: a.name })}>
          Swap
        </button>
      </form>
      <Comparison key={`${a.name} ${b.name}`} {...{ source, a, b, query, set }} confidence={head.confidence} />
    </section>
  )
}

interface ArmChoiceProps {
  readonly label: string
  readonly arms: readonly Arm[]
  readonly value: string
  readonly set: (name: string) => void
}

function ArmChoice({ label, arms, value, set }: ArmChoiceProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={({ currentTarget }) => set(currentTarget.value)}>
        {arms.map(({ name, editor }) => (
          <option key={name} value={name}>
            {name} ({shortFingerprint(editor)})
          </option>
        ))}
      </select>
    </label>
  )
}

interface ComparisonProps {
  readonly source: Source
  readonly a: Arm
  readonly b: Arm
  readonly query: Query
  readonly set: (changed: Query) => void
  readonly confidence: number
}

function Comparison({ source, a, b, query, set, confidence }: ComparisonProps) {
  const [comparison, setComparison] = useState<EvaluationComparison>()
  const [problem, setProblem] = useState<string>()
  const [most, setMost] = useState(PAGE)
  const [left, right] = [useRun(source, a.run), useRun(source, b.run)]
  useEffect(
    () =>
      untilAnswered(() => source.compare(a.name, b.name), {
        onAnswer: (found) => {
          setComparison(found)
          setProblem(undefined)
        },
        onProblem: setProblem,
      }),
    [],
  )
  const pairs = useMemo(
    () => pairsOf({ columns: left.columns, thinker: a.thinker }, { columns: right.columns, thinker: b.thinker }),
    [left.version, right.version],
  )
  const isRead = left.state.complete && right.state.complete
  const first = isRead ? PAIRS.find(([name]) => pairs[name].length > 0) : undefined
  const [show] = PAIRS.find(([name]) => name === query['show']) ?? first ?? PAIRS[0]
  const shown = pairs[show]
  return (
    <>
      {problem !== undefined && <p class="mark bad">{problem}</p>}
      {comparison !== undefined && <DifferenceTable comparison={comparison} confidence={confidence} />}
      <div class="tools" role="group" aria-label="Which pairs">
        {PAIRS.map(([name, label]) => (
          <button key={name} type="button" aria-pressed={name === show} onClick={() => set({ show: name })}>
            {label} <b>{count(pairs[name].length)}</b>
          </button>
        ))}
      </div>
      {shown.length === 0 && <p class="empty">No pair is like that.</p>}
      {shown.slice(0, most).map((pair) => (
        <PairRow
          key={pair.id}
          pair={pair}
          {...{ left, right }}
          names={[a.name, b.name]}
          flip={comparison?.flips.find(({ sampleId }) => sampleId === pair.id)}
        />
      ))}
      {shown.length > most && (
        <button type="button" onClick={() => setMost(most + PAGE)}>
          More
        </button>
      )}
    </>
  )
}
