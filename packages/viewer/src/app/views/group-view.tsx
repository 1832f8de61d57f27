import { FaultMark } from '../parts/fault-mark.tsx'
import { Picture } from '../parts/picture.tsx'
import { RunFrame } from '../parts/run-frame.tsx'
import { TextDifference } from '../parts/text-difference.tsx'
import { executableOf, figure, signed } from '../parts/words.ts'
import { useRollouts, useSamples } from '../state/detail-cache.ts'
import { useKeys } from '../state/keys.ts'
import { pictureFile } from '../state/picture-file.ts'
import { go, hrefTo, type Query } from '../state/route.ts'
import { filtersOf } from '../state/row-query.ts'
import { useRun } from '../state/run-store.ts'
import { useSeen } from '../state/seen-rows.ts'
import type { Source } from '../state/source.ts'
import type { RolloutDetail, Sample } from '../../wire/view-data.ts'

interface GroupViewProps {
  readonly source: Source
  readonly run: string
  /** One of the group. */
  readonly row: number
  readonly query: Query
}

/** The plans of one prompt in one step: what each led to, earned, and was worth beside the others. */
export function GroupView({ source, run, row, query }: GroupViewProps) {
  const store = useRun(source, run)
  const { columns } = store
  const rows = groupOf(columns.rows.group.view(), row)
  useSeen(run, rows)
  const details = useRollouts(store.details, rows).flatMap((detail) => detail ?? [])
  const [sample] = useSamples(store.details, row < columns.length ? [columns.rows.sample.at(row)] : [])
  const filters = filtersOf(query)
  const group = columns.rows.group.at(row)
  const move = (by: number) => {
    for (let at = row + by; at >= 0 && at < columns.length; at += by)
      if (columns.rows.group.at(at) !== group) return go(hrefTo(['run', run, 'group', String(at)], filters), true)
  }
  const back = hrefTo(['run', run, 'grid'], filters)
  useKeys({ ArrowLeft: () => move(-1), ArrowRight: () => move(1), g: () => go(back), Escape: () => go(back) })
  const first = details[0]
  return (
    <RunFrame store={store} view="">
      <div class="tools">
        <a href={back}>Grid</a>
        <button type="button" onClick={() => move(-1)}>
          ← Group before
        </button>
        <button type="button" onClick={() => move(1)}>
          Next group →
        </button>
      </div>
      {first === undefined ? (
        <p class="empty">
          {row >= columns.length && store.state.complete ? `There is no rollout ${row}.` : 'Reading …'}
        </p>
      ) : (
        <article class="group">
          <div class="asked">
            <Picture
              src={sample?.images[0] === undefined ? undefined : source.thumbnail(pictureFile(sample.images[0]))}
              alt="Source"
            />
            <div>
              <p class="instruction">{sample?.instruction ?? first.rollout.sampleId}</p>
              <p>
                <small>
                  {first.rollout.sampleId}, {first.step > 0 ? `step ${first.step}, ` : ''}
                  {details.length} plans
                </small>
              </p>
            </div>
          </div>
          <div class="members">
            {details.map((detail) => (
              <Member
                key={detail.row}
                {...{ detail, first }}
                sample={sample ?? undefined}
                fault={columns.rows.fault.at(detail.row)}
                picture={columns.pictureOf(detail.row)}
                source={source}
                href={hrefTo(['run', run, 'rollout', String(detail.row)], filters)}
              />
            ))}
          </div>
        </article>
      )}
    </RunFrame>
  )
}

interface MemberProps {
  readonly detail: RolloutDetail
  readonly first: RolloutDetail
  readonly sample: Sample | undefined
  readonly fault: number
  readonly picture: string | undefined
  readonly source: Source
  readonly href: string
}

function Member({ detail, first, sample, fault, picture, source, href }: MemberProps) {
  const { rollout, advantage, shares } = detail
  const streams = new Map<string, number>()
  for (const { stream, share } of shares) streams.set(stream, (streams.get(stream) ?? 0) + share)
  const failed = (sample?.checklist ?? []).filter(({ id, expected }) => {
    const answer = rollout.verdicts.find(({ itemId }) => itemId === id)?.answer
    return answer !== undefined && answer !== expected
  })
  return (
    <section class="member" aria-label={`Plan ${rollout.member + 1}`}>
      <a href={href}>
        <Picture
          src={picture === undefined ? undefined : source.thumbnail(picture)}
          alt={`Edit of plan ${rollout.member + 1}`}
          none="no edit"
        />
      </a>
      <p>
        <FaultMark fault={fault} />
      </p>
      <table>
        <tbody>
          <tr>
            <th scope="row">Reward</th>
            <td class="number">{figure(rollout.reward?.total)}</td>
          </tr>
          {[...streams].map(([stream, sum]) => (
            <tr key={stream}>
              <th scope="row">{stream}</th>
              <td class="number">{figure(sum)}</td>
            </tr>
          ))}
          {advantage !== undefined && (
            <tr class="advantage">
              <th scope="row">Advantage</th>
              <td class="number">{signed(advantage.combined)}</td>
            </tr>
          )}
        </tbody>
      </table>
      <TextDifference
        before={detail === first ? undefined : first.rollout.plan?.executable}
        text={executableOf(rollout.plan)}
      />
      {failed.length > 0 && (
        <ul class="failed" aria-label="Failed items">
          {failed.map(({ id, scope, question }) => (
            <li key={`${scope} ${id}`}>{question}</li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** Rows of the same group as this one; they stand near each other. */
function groupOf(groups: ArrayLike<number>, row: number): readonly number[] {
  const group = groups[row]
  const rows: number[] = []
  for (let at = 0; at < groups.length; at += 1) if (groups[at] === group) rows.push(at)
  return rows.slice(0, 64)
}
