import { useEffect, useRef, useState } from 'preact/hooks'
import { FAULTS, OUTCOMES } from '../../columns/run-columns.ts'
import { SORTS } from '../../columns/select-rows.ts'
import { go, hrefTo, type Query } from '../state/route.ts'
import { filtersOf } from '../state/row-query.ts'
import { useKeys } from '../state/keys.ts'
import type { RunStore } from '../state/run-store.ts'

interface FilterBarProps {
  readonly store: RunStore
  readonly path: readonly string[]
  readonly query: Query
}

/** Milliseconds after the last letter before it is searched. */
const TYPED = 120

/** Filters and order of rows; all of them are in the address. */
export function FilterBar({ store, path, query }: FilterBarProps) {
  const { columns } = store
  const search = useRef<HTMLInputElement>(null)
  useKeys({ '/': () => search.current?.focus() })
  const set = (changed: Readonly<Record<string, string | undefined>>, replace = false) =>
    go(hrefTo(path, { ...query, ...changed }), replace)
  const categories = [...new Set(columns.sampleFacts.flatMap(({ category }) => category ?? []))].toSorted()
  const filters = Object.keys(filtersOf(query)).filter((name) => name !== 'sort' && name !== 'order')
  const [isOpen, setOpen] = useState(false)
  return (
    <form class={`filters ${isOpen ? '' : 'folded'}`} onSubmit={(event) => event.preventDefault()} aria-label="Filters">
      <TextFilter
        label="Text"
        hint="plans, reasons, ids ( / )"
        value={query['text']}
        field={search}
        set={(text) => set({ text }, true)}
      />
      <button type="button" class="unfold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Filters{filters.length > 0 && ` (${filters.length})`}
      </button>
      <Choice label="Who failed" value={query['fault']} of={FAULTS} set={(fault) => set({ fault })} />
      <Choice label="Outcome" value={query['outcome']} of={OUTCOMES} set={(outcome) => set({ outcome })} />
      <Choice label="Category" value={query['category']} of={categories} set={(category) => set({ category })} />
      {columns.thinkers.length > 1 && (
        <Choice label="Thinker" value={query['thinker']} of={columns.thinkers} set={(thinker) => set({ thinker })} />
      )}
      {columns.failures.length > 0 && (
        <Choice label="Failure" value={query['failure']} of={columns.failures} set={(failure) => set({ failure })} />
      )}
      <ItemChoice store={store} value={query['item']} set={(item) => set({ item })} />
      <TextFilter
        label="Steps"
        hint="3..9"
        value={query['steps']}
        set={(steps) => set({ steps: rangeOf(steps) }, true)}
      />
      <TextFilter
        label="Reward"
        hint="0.2..0.8"
        value={query['reward']}
        set={(reward) => set({ reward: rangeOf(reward) }, true)}
      />
      <Choice label="Order" any="recorded" value={query['sort']} of={SORTS.slice(1)} set={(sort) => set({ sort })} />
      <button
        type="button"
        aria-pressed={query['order'] === 'down'}
        onClick={() => set({ order: query['order'] === 'down' ? undefined : 'down' })}
      >
        {query['order'] === 'down' ? 'Falling' : 'Rising'}
      </button>
      {filters.length > 0 && (
        <button type="button" onClick={() => set(Object.fromEntries(filters.map((name) => [name, undefined])))}>
          Clear filters
        </button>
      )}
    </form>
  )
}

/** One number is the range of itself. */
function rangeOf(text: string | undefined): string | undefined {
  if (text === undefined || text.includes('..')) return text
  return `${text}..${text}`
}

interface ChoiceProps {
  readonly label: string
  readonly any?: string
  readonly value: string | undefined
  readonly of: readonly string[]
  readonly set: (value: string | undefined) => void
}

function Choice({ label, any = 'any', value, of, set }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={value ?? ''} onChange={({ currentTarget }) => set(currentTarget.value || undefined)}>
        <option value="">{any}</option>
        {of.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
        {value !== undefined && !of.includes(value) && <option value={value}>{value}</option>}
      </select>
    </label>
  )
}

/** Items by place; a run with many has a long list, which browsers search by typing. */
function ItemChoice({ store, value, set }: Pick<ChoiceProps, 'value' | 'set'> & { readonly store: RunStore }) {
  const { itemFacts } = store.columns
  if (itemFacts.length === 0) return null
  return (
    <label>
      Item
      <select value={value ?? ''} onChange={({ currentTarget }) => set(currentTarget.value || undefined)}>
        <option value="">any</option>
        {(['failed', 'passed'] as const).map((result) => (
          <optgroup key={result} label={result}>
            {itemFacts.slice(0, 500).map(({ id, scope, subtask, question }, place) => (
              <option key={place} value={`${result[0]}${place}`}>
                {result}: {subtask === undefined ? '' : `${subtask} / `}
                {id} ({scope}) {question?.slice(0, 60)}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  )
}

interface TextFilterProps {
  readonly label: string
  readonly hint: string
  readonly value: string | undefined
  readonly set: (value: string | undefined) => void
  readonly field?: { current: HTMLInputElement | null }
}

function TextFilter({ label, hint, value = '', set, field }: TextFilterProps) {
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  useEffect(() => {
    if (typed === value) return undefined
    const timer = setTimeout(() => set(typed.trim() === '' ? undefined : typed.trim()), TYPED)
    return () => clearTimeout(timer)
  }, [typed])
  return (
    <label>
      {label}
      <input
        type="search"
        ref={field ?? null}
        value={typed}
        placeholder={hint}
        onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
    </label>
  )
}
