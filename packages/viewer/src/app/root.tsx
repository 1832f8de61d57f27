import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { ViewHead } from '../wire/view-data.ts'
import { KeyHelp } from './parts/key-help.tsx'
import { hrefTo, useRoute } from './state/route.ts'
import { knowRuns } from './state/seen-rows.ts'
import type { Source } from './state/source.ts'
import { AgreementView } from './views/agreement-view.tsx'
import { AnnotateView } from './views/annotate-view.tsx'
import { CompareView } from './views/compare-view.tsx'
import { CurvesView } from './views/curves-view.tsx'
import { GridView } from './views/grid-view.tsx'
import { GroupView } from './views/group-view.tsx'
import { MatrixView } from './views/matrix-view.tsx'
import { RolloutView } from './views/rollout-view.tsx'
import { RunsView } from './views/runs-view.tsx'
import { StepsView } from './views/steps-view.tsx'

/** Milliseconds between two looks at the list of runs. */
const PAUSE = 5000

export function start(source: Source, element: Element): void {
  element.replaceChildren()
  render(<Root source={source} />, element)
}

function Root({ source }: { readonly source: Source }) {
  const { path } = useRoute()
  const { head, problem } = useHead(source)
  const at = (name: string) => (path[0] ?? '') === name
  const links = [
    ['', 'Runs'],
    ['curves', 'Curves'],
    ['compare', 'Compare'],
    ['matrix', 'Editors × Thinkers'],
  ] as const
  return (
    <>
      <header>
        <a class="home" href="#/">
          DDA-Thinker
        </a>
        <nav aria-label="Views of the project">
          {links.map(([name, label]) => (
            <a key={name} href={hrefTo(name === '' ? [] : [name])} aria-current={at(name) ? 'page' : undefined}>
              {label}
            </a>
          ))}
        </nav>
        <KeyHelp />
      </header>
      <main>
        {problem !== undefined && <p class="mark bad">{problem}</p>}
        {head !== undefined ? (
          <View source={source} head={head} />
        ) : (
          problem === undefined && <p class="empty">Reading the runs …</p>
        )}
      </main>
    </>
  )
}

function View({ source, head }: { readonly source: Source; readonly head: ViewHead }) {
  const { path, query } = useRoute()
  const [kind = '', run = '', view = 'grid', row = ''] = path
  useEffect(() => {
    document.title = [...path.toReversed(), head.project].join(' · ')
  }, [path.join('/'), head.project])
  const known = head.runs.find(({ name }) => name === run)
  if (kind === 'run' && known === undefined) return <p class="empty">There is no run {run} here.</p>
  if (kind === 'run') {
    const place = Number(row)
    if (view === 'rollout') return <RolloutView key={run} {...{ source, run, query }} row={place} />
    if (view === 'group') return <GroupView key={run} {...{ source, run, query }} row={place} />
    if (view === 'steps') return <StepsView key={run} {...{ source, run, query }} />
    if (view === 'annotate')
      return <AnnotateView key={run} {...{ source, run, query }} row={row === '' ? undefined : place} />
    if (view === 'agreement') return <AgreementView key={run} {...{ source, run }} />
    return <GridView key={run} {...{ source, run, query }} task={known?.task} />
  }
  if (kind === 'curves') return <CurvesView {...{ source, head, query }} />
  if (kind === 'compare') return <CompareView {...{ source, head, query }} />
  if (kind === 'matrix') return <MatrixView head={head} />
  return <RunsView head={head} />
}

function useHead(source: Source) {
  const [head, setHead] = useState<ViewHead>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async () => {
      try {
        const found = document.hidden && head !== undefined ? undefined : await source.head()
        if (found !== undefined) {
          knowRuns(found.runs)
          setHead((before) => (JSON.stringify(before) === JSON.stringify(found) ? before : found))
        }
        setProblem(undefined)
      } catch (error) {
        setProblem(`The server does not answer (${error instanceof Error ? error.message : String(error)}).`)
      }
      if (source.live) timer = setTimeout(() => void look(), PAUSE)
    }
    void look()
    return () => clearTimeout(timer)
  }, [])
  return { head, problem }
}
