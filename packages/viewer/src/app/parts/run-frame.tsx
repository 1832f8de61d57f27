import type { ComponentChildren } from 'preact'
import { hrefTo } from '../state/route.ts'
import type { RunStore } from '../state/run-store.ts'
import { count } from './words.ts'

interface RunFrameProps {
  readonly store: RunStore
  readonly view: 'grid' | 'steps' | 'curves' | 'annotate' | 'agreement' | ''
  readonly children: ComponentChildren
}

/** What all pages of a run have above them: its name, its views, and how far its record is read. */
export function RunFrame({ store, view, children }: RunFrameProps) {
  const { name, state, columns } = store
  const problem = store.problem ?? store.details.problem
  const views = [
    ['grid', 'Grid', hrefTo(['run', name, 'grid'])],
    ['steps', 'Steps', hrefTo(['run', name, 'steps'])],
    ['curves', 'Curves', hrefTo(['curves'], { runs: name })],
    ...(store.source.asking === undefined
      ? []
      : [['annotate', 'Annotate', hrefTo(['run', name, 'annotate'], { blind: '1' })] as const]),
    ['agreement', 'Agreement', hrefTo(['run', name, 'agreement'])],
  ] as const
  return (
    <>
      <div class="run-bar">
        <h1>{name}</h1>
        <nav aria-label="Views of the run">
          {views.map(([id, label, href]) => (
            <a key={id} href={href} aria-current={id === view ? 'page' : undefined}>
              {label}
            </a>
          ))}
        </nav>
        <p role="status">
          {!state.complete && problem === undefined && (
            <span>
              reading: {count(columns.length)} rollouts, {Math.floor((100 * state.read) / Math.max(1, state.size))} %
            </span>
          )}
          {state.broken > 0 && <span class="mark odd">{count(state.broken)} broken lines left out</span>}
          {problem !== undefined && <span class="mark bad">{problem}</span>}
        </p>
      </div>
      {children}
    </>
  )
}
