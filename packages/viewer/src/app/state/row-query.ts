import { FAULTS, OUTCOMES, type RunColumns } from '../../columns/run-columns.ts'
import { type RowOrder, type RowQuery, SORTS } from '../../columns/select-rows.ts'
import type { Query } from './route.ts'

/** Names of the filters in the address. */
export const FILTERS = [
  'text',
  'steps',
  'category',
  'outcome',
  'fault',
  'failure',
  'thinker',
  'sample',
  'item',
  'reward',
  'sort',
  'order',
] as const

/** No row has it. */
const NONE = -2

/** Of an address, what it says of rows. */
export function filtersOf(query: Query): Query {
  return Object.fromEntries(Object.entries(query).filter(([name]) => (FILTERS as readonly string[]).includes(name)))
}

/** What an address asks of a run's rows. What it names and the run does not have, no row has. */
export function rowQuery(columns: RunColumns, query: Query, found: Uint8Array | undefined): RowQuery {
  const { steps, category, outcome, fault, failure, thinker, sample, item, reward } = query
  const numbers = (text: string): readonly [number, number] => {
    const [from = '', to = ''] = text.split('..')
    return [from === '' ? Number.NEGATIVE_INFINITY : Number(from), to === '' ? Number.POSITIVE_INFINITY : Number(to)]
  }
  return {
    ...(found === undefined ? {} : { found }),
    ...(steps === undefined ? {} : { steps: numbers(steps) }),
    ...(category === undefined ? {} : { category }),
    ...(outcome === undefined ? {} : { outcome: (OUTCOMES as readonly string[]).indexOf(outcome) }),
    ...(fault === undefined ? {} : { fault: (FAULTS as readonly string[]).indexOf(fault) }),
    ...(failure === undefined
      ? {}
      : { failure: columns.failures.includes(failure) ? columns.failures.indexOf(failure) : NONE }),
    ...(thinker === undefined ? {} : { thinker: columns.thinkers.indexOf(thinker) }),
    ...(sample === undefined ? {} : { sample: columns.sampleFacts.findIndex(({ id }) => id === sample) }),
    ...(reward === undefined ? {} : { rewards: numbers(reward) }),
    ...(item === undefined ? {} : { item: { place: Number(item.slice(1)), passed: item.startsWith('p') } }),
  }
}

export function rowOrder({ sort, order }: Query): RowOrder {
  return { by: SORTS.find((name) => name === sort) ?? 'recorded', descending: order === 'down' }
}
