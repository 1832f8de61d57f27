import { Calls } from '../parts/calls.tsx'
import { FaultMark } from '../parts/fault-mark.tsx'
import { PictureStage } from '../parts/picture-stage.tsx'
import { PlanText } from '../parts/plan-text.tsx'
import { RewardSum } from '../parts/reward-sum.tsx'
import { RunFrame } from '../parts/run-frame.tsx'
import { VerdictTable } from '../parts/verdict-table.tsx'
import { count } from '../parts/words.ts'
import { type Found, useRollouts, useSamples } from '../state/detail-cache.ts'
import { firstAlike } from '../state/first-alike.ts'
import { useKeys } from '../state/keys.ts'
import { go, hrefTo, type Query } from '../state/route.ts'
import { filtersOf } from '../state/row-query.ts'
import { type RunStore, useRun } from '../state/run-store.ts'
import { useSeen } from '../state/seen-rows.ts'
import { scenePictures } from '../state/scene-pictures.ts'
import type { Source } from '../state/source.ts'
import { useRows } from '../state/use-rows.ts'
import type { RolloutDetail, Sample } from '../../wire/view-data.ts'
import { ReferenceInWords } from '../parts/reference-in-words.tsx'

interface RolloutViewProps {
  readonly source: Source
  readonly run: string
  readonly row: number
  readonly query: Query
}

const GONE = 'The data no longer hold this sample.'

/** One rollout: pictures, plan, items, reward, who failed, what it cost. */
export function RolloutView({ source, run, row, query }: RolloutViewProps) {
  const store = useRun(source, run)
  const { rows } = useRows(store, query)
  const place = rows.indexOf(row)
  const filters = filtersOf(query)
  const link = (to: number) => hrefTo(['run', run, 'rollout', String(to)], { ...filters, mode: query['mode'] })
  const move = (by: number) => {
    const next = place === -1 ? row + by : rows[place + by]
    if (next !== undefined && next >= 0 && next < store.columns.length) go(link(next), true)
  }
  const [grid, group] = [hrefTo(['run', run, 'grid'], filters), hrefTo(['run', run, 'group', String(row)], filters)]
  useKeys({ ArrowLeft: () => move(-1), ArrowRight: () => move(1), g: () => go(group), Escape: () => go(grid) })
  const [detail] = useRollouts(store.details, [row])
  useSeen(run, [row])
  const [sample] = useSamples(store.details, row < store.columns.length ? [store.columns.rows.sample.at(row)] : [])
  const setMode = (mode: string) => go(hrefTo(['run', run, 'rollout', String(row)], { ...query, mode }), true)
  return (
    <RunFrame store={store} view="">
      <div class="tools">
        <a href={grid}>Grid</a>
        <a href={group}>Group</a>
        {source.asking !== undefined && (
          <a href={hrefTo(['run', run, 'annotate', String(row)], { ...filters, blind: '1' })}>Annotate</a>
        )}
        <button type="button" onClick={() => move(-1)} aria-label="Rollout before">
          ←
        </button>
        <span>{place === -1 ? `rollout ${row}` : `${count(place + 1)} of ${count(rows.length)}`}</span>
        <button type="button" onClick={() => move(1)} aria-label="Next rollout">
          →
        </button>
      </div>
      {detail === null ? (
        <p class="empty">There is no rollout {row}.</p>
      ) : detail === undefined || row >= store.columns.length ? (
        <p class="empty">Reading …</p>
      ) : (
        <Rollout {...{ store, detail, sample, link, setMode }} mode={query['mode']} />
      )}
    </RunFrame>
  )
}

interface RolloutProps {
  readonly store: RunStore
  readonly detail: RolloutDetail
  readonly sample: Found<Sample>
  readonly link: (row: number) => string
  readonly mode: string | undefined
  readonly setMode: (mode: string) => void
}

function Rollout({ store, detail, sample: found, link, mode, setMode }: RolloutProps) {
  const sample = found ?? undefined
  const { rollout, row, step } = detail
  const { columns, source, name } = store
  const isScored = rollout.outcome.kind !== 'scored' || rollout.reward !== undefined
  return (
    <article class="rollout">
      <PictureStage pictures={scenePictures(store, detail, found)} mode={mode} setMode={setMode} />
      <section class="told">
        <p class="instruction">{sample?.instruction ?? (found === null ? GONE : '…')}</p>
        <p>
          <FaultMark fault={columns.rows.fault.at(row)} />{' '}
          {isScored && <span class="mark plain">{rollout.outcome.kind}</span>}{' '}
          {step > 0 && (
            <a href={hrefTo(['run', name, 'steps'], { step: String(step), pins: rollout.sampleId })}>step {step}</a>
          )}{' '}
          {detail.thinker !== undefined && <span>Thinker {detail.thinker}</span>}{' '}
          <a href={hrefTo(['run', name, 'grid'], { sample: rollout.sampleId })}>{rollout.sampleId}</a>{' '}
          <small>
            {sample?.category} {sample?.subtask}
          </small>
        </p>
        <h2>Plan</h2>
        <PlanText plan={rollout.plan} />
        <ReferenceInWords reference={sample?.reference} />
      </section>
      <section>
        <h2>Checklist</h2>
        <VerdictTable detail={detail} sample={sample} before={firstAlike(columns, row)} link={link} />
      </section>
      <section>
        <h2>Reward</h2>
        <RewardSum detail={detail} />
        <Calls run={name} detail={detail} sample={sample} />
        <p>
          <a href={source.picture(columns.pictureOf(row) ?? '')} hidden={columns.pictureOf(row) === undefined}>
            The edit as it is stored
          </a>
        </p>
      </section>
    </article>
  )
}
