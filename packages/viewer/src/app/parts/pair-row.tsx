import type { EvaluationComparison } from '../../wire/view-data.ts'
import { useRollouts, useSamples } from '../state/detail-cache.ts'
import type { Pair } from '../state/pairs.ts'
import { pictureFile } from '../state/picture-file.ts'
import { hrefTo } from '../state/route.ts'
import type { RunStore } from '../state/run-store.ts'
import { useSeen } from '../state/seen-rows.ts'
import { FaultMark } from './fault-mark.tsx'
import { Picture } from './picture.tsx'
import { TextDifference } from './text-difference.tsx'
import { executableOf, figure } from './words.ts'

interface PairRowProps {
  readonly pair: Pair
  readonly left: RunStore
  readonly right: RunStore
  readonly names: readonly [string, string]
  /** What changed, where the outcome did. */
  readonly flip: EvaluationComparison['flips'][number] | undefined
}

/** A sample under both: source, picture of A, picture of B, and the questions that changed sides. */
export function PairRow({ pair, left, right, names, flip }: PairRowProps) {
  useSeen(left.name, [pair.a])
  useSeen(right.name, [pair.b])
  const [before] = useRollouts(left.details, [pair.a])
  const [after] = useRollouts(right.details, [pair.b])
  const [sample] = useSamples(right.details, [right.columns.rows.sample.at(pair.b)])
  const source = sample?.images[0]
  const sides = [
    { store: left, row: pair.a, detail: before, compared: undefined },
    { store: right, row: pair.b, detail: after, compared: before?.rollout.plan?.executable },
  ]
  const questions = flip?.items.map((id) => sample?.checklist.find((item) => item.id === id)?.question ?? id) ?? []
  return (
    <article class="pair" aria-label={pair.id}>
      <div class="member">
        <Picture
          src={source === undefined ? undefined : right.source.thumbnail(pictureFile(source))}
          alt={`Source of ${pair.id}`}
        />
        <p class="instruction">{sample?.instruction ?? pair.id}</p>
        {questions.length > 0 && (
          <ul aria-label="Items that changed">
            {questions.map((question) => (
              <li key={question}>{question}</li>
            ))}
          </ul>
        )}
      </div>
      {sides.map(({ store, row, detail, compared }, side) => {
        const picture = store.columns.pictureOf(row)
        return (
          <div key={side} class="member">
            <a href={hrefTo(['run', store.name, 'rollout', String(row)])}>
              <Picture
                src={picture === undefined ? undefined : store.source.thumbnail(picture)}
                alt={`Edit of ${names[side]}`}
                none="no edit"
              />
            </a>
            <p>
              {'AB'[side]} <b>{figure(store.columns.rows.reward.at(row))}</b>{' '}
              <FaultMark fault={store.columns.rows.fault.at(row)} />
            </p>
            <TextDifference before={compared} text={detail === undefined ? '…' : executableOf(detail?.rollout.plan)} />
          </div>
        )
      })}
    </article>
  )
}
