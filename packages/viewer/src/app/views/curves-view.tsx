import { useEffect, useMemo, useState } from 'preact/hooks'
import { Chart, type ChartLine } from '../parts/chart.tsx'
import { FunnelBars } from '../parts/funnel-bars.tsx'
import { HeatMap } from '../parts/heat-map.tsx'
import { go, hrefTo, type Query } from '../state/route.ts'
import { QUANTILES, rewardQuantiles } from '../state/reward-quantiles.ts'
import { useRun } from '../state/run-store.ts'
import type { Source } from '../state/source.ts'
import { untilAnswered } from '../state/until-answered.ts'
import type { Funnel, RunMetrics, ViewHead } from '../../wire/view-data.ts'

interface CurvesViewProps {
  readonly source: Source
  readonly head: ViewHead
  readonly query: Query
}

const TASKS = ['train', 'imitate']
/** Milliseconds between two readings of the metrics of a run that goes on. */
const PAUSE = 5000

/** Metrics of trainings over their steps, several runs laid over each other; items by step; what became of the data. */
export function CurvesView({ source, head, query }: CurvesViewProps) {
  const trainings = head.runs.filter(({ task }) => TASKS.includes(task)).map(({ name }) => name)
  const names =
    query['runs']?.split(',').filter((name) => head.runs.some((run) => run.name === name)) ?? trainings.slice(0, 1)
  const { metrics, problem } = useMetrics(source, names, head)
  const [funnel, setFunnel] = useState<Funnel | null>(null)
  useEffect(() => untilAnswered(() => source.funnel(), { onAnswer: setFunnel, onProblem: () => undefined }), [source])
  const toggle = (name: string) => {
    const next = names.includes(name) ? names.filter((one) => one !== name) : [...names, name]
    go(hrefTo(['curves'], { ...query, runs: next.join(',') }), true)
  }
  const wanted = (query['show'] ?? '').toLowerCase()
  const charts = useMemo(
    () => chartsOf(names, metrics).filter(({ title }) => title.toLowerCase().includes(wanted)),
    [metrics, names.join(), wanted],
  )
  return (
    <section>
      <h1>Curves</h1>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        {trainings.map((name) => (
          <label key={name} class="row">
            <input type="checkbox" checked={names.includes(name)} onChange={() => toggle(name)} /> {name}
          </label>
        ))}
        <label>
          Show
          <input
            type="search"
            placeholder="reward, kl, time"
            value={query['show'] ?? ''}
            onInput={({ currentTarget }) => go(hrefTo(['curves'], { ...query, show: currentTarget.value }), true)}
          />
        </label>
      </form>
      {problem !== undefined && <p class="mark bad">{problem}</p>}
      {trainings.length === 0 && <p class="empty">No run of this project was trained.</p>}
      <div class="charts">
        {names.map((name) => (
          <Quantiles key={name} source={source} name={name} />
        ))}
        {charts.map(({ title, steps, lines }) => (
          <Chart key={`${title} ${lines.map(({ label }) => label).join()}`} {...{ title, steps, lines }} />
        ))}
        {names.map((name) => (
          <Items key={name} source={source} name={name} />
        ))}
        {funnel !== null && <FunnelBars funnel={funnel} />}
      </div>
    </section>
  )
}

interface OfRun {
  readonly source: Source
  readonly name: string
}

function Quantiles({ source, name }: OfRun) {
  const store = useRun(source, name)
  const { steps, values } = useMemo(() => rewardQuantiles(store.columns), [store.version])
  if (steps.length < 2) return null
  const lines = QUANTILES.map((quantile, i): ChartLine => ({
    label: quantile === 0.5 ? 'median' : `${quantile * 100} %`,
    values: values[i] ?? [],
    run: i,
    faint: quantile !== 0.5,
  }))
  return <Chart title={`Reward of rollouts, ${name}`} steps={steps} lines={lines} />
}

function Items({ source, name }: OfRun) {
  return <HeatMap store={useRun(source, name)} />
}

function useMetrics(source: Source, names: readonly string[], head: ViewHead) {
  const [metrics, setMetrics] = useState<ReadonlyMap<string, RunMetrics>>(new Map())
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let end: () => void
    const isLive = head.runs.some(({ name, live }) => live && names.includes(name))
    const read = () => {
      const all = () => Promise.all(names.map(async (name) => [name, await source.metrics(name)] as const))
      end = untilAnswered(all, {
        onAnswer: (found) => {
          setMetrics(new Map(found))
          setProblem(undefined)
          if (isLive) timer = setTimeout(read, PAUSE)
        },
        onProblem: setProblem,
      })
    }
    read()
    return () => {
      end()
      clearTimeout(timer)
    }
  }, [names.join(), head])
  return { metrics, problem }
}

interface ChartOf {
  readonly title: string
  readonly steps: readonly number[]
  readonly lines: readonly ChartLine[]
}

/** With one run a chart has all figures of a kind; with several, each figure has a chart with a line a run. */
function chartsOf(names: readonly string[], metrics: ReadonlyMap<string, RunMetrics>): readonly ChartOf[] {
  const runs = names.flatMap((name, run) => {
    const own = metrics.get(name)
    return own === undefined || own.steps.length === 0 ? [] : [{ name, run, own }]
  })
  const steps = [...new Set(runs.flatMap(({ own }) => own.steps))].toSorted((a, b) => a - b)
  const figures = [...new Set(runs.flatMap(({ own }) => Object.keys(own.series)))].toSorted()
  const titles = runs.length === 1 ? [...new Set(figures.map(kindOf))] : figures
  return titles.map((title) => ({
    title,
    steps,
    lines: runs.flatMap(({ name, run, own }) => {
      const places = new Map(own.steps.map((step, i) => [step, i]))
      const line = (figure: string, label: string): ChartLine => ({
        label,
        run,
        values: steps.map((step) => own.series[figure]?.[places.get(step) ?? -1] ?? null),
      })
      if (runs.length > 1) return title in own.series ? [line(title, name)] : []
      return figures.filter((figure) => kindOf(figure) === title).map((figure) => line(figure, figure))
    }),
  }))
}

/** `reward/cognitive` is of the kind `reward`; a figure without a slash is one of its own. */
function kindOf(figure: string): string {
  return figure.includes('/') ? figure.slice(0, figure.indexOf('/')) : figure
}
