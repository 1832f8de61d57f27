import { useMemo, useState } from 'preact/hooks'
import { FaultMark } from '../parts/fault-mark.tsx'
import { Picture } from '../parts/picture.tsx'
import { RunFrame } from '../parts/run-frame.tsx'
import { Sparkline } from '../parts/sparkline.tsx'
import { TextDifference } from '../parts/text-difference.tsx'
import { executableOf, figure } from '../parts/words.ts'
import { useRollouts } from '../state/detail-cache.ts'
import { useKeys } from '../state/keys.ts'
import { go, hrefTo, type Query } from '../state/route.ts'
import { type RunStore, useRun } from '../state/run-store.ts'
import { useSeen } from '../state/seen-rows.ts'
import { frequentSamples, rewardsByStep, rowsAt, rowsOfSample } from '../state/samples-by-step.ts'
import type { Source } from '../state/source.ts'

/** Prompts that are pinned where the address names none. */
const PINNED = 4

interface StepsViewProps {
  readonly source: Source
  readonly run: string
  readonly query: Query
}

/** One slider over the steps of training: the plan and the picture of each pinned prompt as they were then. */
export function StepsView({ source, run, query }: StepsViewProps) {
  const store = useRun(source, run)
  const { columns } = store
  const last = columns.length === 0 ? 0 : columns.rows.step.at(columns.length - 1)
  const step = Math.min(last, Math.max(0, Number(query['step'] ?? last)))
  const named = query['pins']?.split(',').map((id) => columns.sampleFacts.findIndex((sample) => sample.id === id))
  const pins = useMemo(
    () => named?.filter((place) => place !== -1) ?? frequentSamples(columns, PINNED),
    [store.version, query['pins']],
  )
  const at = (to: number) =>
    go(hrefTo(['run', run, 'steps'], { ...query, step: String(Math.min(last, Math.max(0, to))) }), true)
  const pin = (places: readonly number[]) =>
    go(
      hrefTo(['run', run, 'steps'], {
        ...query,
        pins: places.map((place) => columns.sampleFacts[place]?.id).join(','),
      }),
      true,
    )
  useKeys({ ArrowLeft: () => at(step - 1), ArrowRight: () => at(step + 1), Home: () => at(0), End: () => at(last) })
  return (
    <RunFrame store={store} view="steps">
      {last === 0 && columns.length > 0 && <p class="empty">This run has no steps: it is no training.</p>}
      <div class="slider">
        <label>
          Step <b>{step}</b> of {last}
          <input
            type="range"
            min="0"
            max={last}
            value={step}
            onInput={({ currentTarget }) => at(Number(currentTarget.value))}
          />
        </label>
        <PinChoice store={store} pins={pins} add={(place) => pin([...pins, place])} />
      </div>
      <div class="pins">
        {pins.map((place) => (
          <Pin
            key={place}
            store={store}
            place={place}
            step={step}
            remove={() => pin(pins.filter((one) => one !== place))}
          />
        ))}
      </div>
    </RunFrame>
  )
}

interface PinChoiceProps {
  readonly store: RunStore
  readonly pins: readonly number[]
  readonly add: (place: number) => void
}

function PinChoice({ store, pins, add }: PinChoiceProps) {
  const [typed, setTyped] = useState('')
  const wanted = typed.toLowerCase()
  const found =
    wanted === ''
      ? []
      : [...store.columns.sampleFacts.entries()]
          .filter(
            ([place, { id, instruction }]) =>
              !pins.includes(place) && `${id} ${instruction}`.toLowerCase().includes(wanted),
          )
          .slice(0, 8)
  return (
    <div class="pin-choice">
      <label>
        Pin a prompt
        <input
          type="search"
          value={typed}
          placeholder="id or instruction"
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </label>
      {found.map(([place, { id, instruction }]) => (
        <button
          key={id}
          type="button"
          onClick={() => {
            setTyped('')
            add(place)
          }}
        >
          {id}: {instruction}
        </button>
      ))}
    </div>
  )
}

interface PinProps {
  readonly store: RunStore
  readonly place: number
  readonly step: number
  readonly remove: () => void
}

function Pin({ store, place, step, remove }: PinProps) {
  const { columns, source, name } = store
  const sample = columns.sampleFacts[place]
  const own = useMemo(() => rowsOfSample(columns, place), [store.version, place])
  const rewards = useMemo(() => rewardsByStep(columns, own), [own])
  const now = rowsAt(columns, own, step)
  const then = columns.rows.step.at(now[0] ?? 0)
  const before = rowsAt(columns, own, then - 1)
  useSeen(store.name, [...now, ...before.slice(0, 1)])
  const details = useRollouts(store.details, [...now, ...before.slice(0, 1)])
  const earlier = before.length === 0 ? undefined : details.at(-1)?.rollout.plan?.executable
  return (
    <section class="pin" aria-label={sample?.id ?? ''}>
      <div class="asked">
        <Picture
          src={sample?.source === undefined ? undefined : source.thumbnail(sample.source)}
          alt={`Source of ${sample?.id}`}
        />
        <div>
          <p class="instruction">{sample?.instruction ?? sample?.id}</p>
          <Sparkline points={rewards} at={then} />
          <button type="button" onClick={remove}>
            Unpin
          </button>
        </div>
      </div>
      {now.length === 0 ? (
        <p class="empty">Not tried yet at step {step}.</p>
      ) : (
        <>
          <p>
            <small>{then === step ? `in step ${step}` : `last tried in step ${then}`}</small>
          </p>
          <div class="members">
            {now.map((row, i) => {
              const picture = columns.pictureOf(row)
              return (
                <div key={row} class="member">
                  <a href={hrefTo(['run', name, 'rollout', String(row)])}>
                    <Picture
                      src={picture === undefined ? undefined : source.thumbnail(picture)}
                      alt={`Edit in step ${then}`}
                      none="no edit"
                    />
                  </a>
                  <p>
                    <b>{figure(columns.rows.reward.at(row))}</b> <FaultMark fault={columns.rows.fault.at(row)} />
                  </p>
                  <TextDifference
                    before={i === 0 ? earlier : undefined}
                    text={details[i] === undefined ? '…' : executableOf(details[i]?.rollout.plan)}
                  />
                </div>
              )
            })}
          </div>
        </>
      )}
    </section>
  )
}
