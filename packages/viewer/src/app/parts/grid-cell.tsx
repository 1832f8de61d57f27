import type { Chosen } from '../state/chosen.ts'
import type { RunStore } from '../state/run-store.ts'
import { useSeen } from '../state/seen-rows.ts'
import { FaultMark } from './fault-mark.tsx'
import { Picture } from './picture.tsx'
import { figure } from './words.ts'

interface GridCellProps {
  readonly store: RunStore
  readonly row: number
  readonly place: number
  /** Pixels. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly href: string
  readonly chosen: Chosen
}

/** One rollout of a grid: edit, source, reward, who failed, what was asked. */
export function GridCell({ store, row, place, x, y, width, href, chosen }: GridCellProps) {
  const { columns, source } = store
  const { rows } = columns
  const sample = columns.sampleFacts[rows.sample.at(row)]
  const [edit, before] = [columns.pictureOf(row), sample?.source]
  useSeen(store.name, [row])
  const isChosen = chosen.rows.has(row)
  return (
    <li
      data-place={place}
      class={isChosen ? 'chosen' : ''}
      style={{ transform: `translate(${x}px, ${y}px)`, width: `${width - 8}px` }}
    >
      <a href={href}>
        <Picture
          className="edit"
          src={edit === undefined ? undefined : source.thumbnail(edit)}
          alt={`Edit of ${sample?.id}`}
          none="no edit"
        />
        {before !== undefined && <Picture className="before" src={source.thumbnail(before)} alt="" />}
        <span class="line">
          <b>{figure(rows.reward.at(row))}</b>
          <FaultMark fault={rows.fault.at(row)} short />
        </span>
        <span class="instruction">{sample?.instruction ?? sample?.id}</span>
      </a>
      <label class="choose">
        <input
          type="checkbox"
          checked={isChosen}
          onChange={() => chosen.toggle(row)}
          aria-label={`Choose rollout ${row}`}
        />
        {rows.step.at(row) > 0 ? `step ${rows.step.at(row)}` : (columns.thinkers[rows.thinker.at(row)] ?? '')}
      </label>
    </li>
  )
}
