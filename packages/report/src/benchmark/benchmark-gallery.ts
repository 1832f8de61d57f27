import type { ImageRef } from '@dda-thinker/plugin-api'
import { html, type Markup } from '../html.ts'
import { planText } from '../gallery.ts'
import type { Picture } from '../page.ts'
import { spread } from '../spread.ts'
import { figure } from './benchmark-figures.ts'
import { type BenchmarkReportInput, benchmarkSubject } from './benchmark-input.ts'

/** An item with what baseline and subject came to. */
interface Row {
  readonly sample: BenchmarkReportInput['record']['samples'][number]
  readonly arms: readonly {
    readonly name: string
    readonly figures: Readonly<Record<string, number | null>>
  }[]
  /** Of the primary figure, subject minus baseline; absent where it was not measured for both. */
  readonly change?: number
}

export interface BenchmarkPick {
  readonly better: readonly Row[]
  readonly worse: readonly Row[]
}

/** Picks items by rule, not by looks: those that changed, spread over categories and sub-tasks in the order of the data. */
export function pickBenchmark(input: BenchmarkReportInput, most = { better: 12, worse: 6 }): BenchmarkPick {
  const { thinkers, samples, primary } = input.record
  const names = [...new Set([Object.keys(thinkers)[0], benchmarkSubject(input)])].flatMap((name) => name ?? [])
  const byItem = new Map(
    names.map((name) => [name, new Map(thinkers[name]?.scores?.items.map(({ id, figures }) => [id, figures]))]),
  )
  const rows = samples.map((sample): Row => {
    const arms = names.map((name) => ({ name, figures: byItem.get(name)?.get(sample.id) ?? {} }))
    const [before, after] = [arms[0]?.figures[primary], arms[1]?.figures[primary]]
    const isMeasured = typeof before === 'number' && typeof after === 'number'
    return { sample, arms, ...(isMeasured ? { change: after - before } : {}) }
  })
  const pick = (keep: (change: number) => boolean, count: number) =>
    spread(
      rows.filter(({ change }) => change !== undefined && keep(change)),
      ({ sample }) => sample.category,
      ({ sample }) => sample.subtask ?? '',
    ).slice(0, count)
  return { better: pick((change) => change > 0, most.better), worse: pick((change) => change < 0, most.worse) }
}

export function benchmarkPictures(input: BenchmarkReportInput, { better, worse }: BenchmarkPick): readonly ImageRef[] {
  return [...better, ...worse].flatMap(({ sample, arms }) => [
    ...sample.images,
    ...arms.flatMap(({ name }) => input.attempts.get(name)?.get(sample.id)?.edit?.image ?? []),
  ])
}

export function benchmarkGallery(
  input: BenchmarkReportInput,
  { better, worse }: BenchmarkPick,
  picture: Picture,
): Markup | undefined {
  if (better.length + worse.length === 0) return undefined
  const part = (title: string, rows: readonly Row[]) =>
    rows.length > 0 &&
    html`<h3>${title}</h3>
      <div class="cards">${rows.map((row) => card(input, row, picture))}</div>`
  return html`<section id="gallery">
    <h2>Before and after</h2>
    <p class="lede">
      Items in which ${input.record.primary} changed, spread over categories by rule, not picked by hand.
    </p>
    ${part('Better with a plan', better)} ${part('Worse with a plan', worse)}
  </section>`
}

function card(input: BenchmarkReportInput, { sample, arms }: Row, picture: Picture): Markup {
  return html`<article class="card columns-${arms.length}" data-category="${sample.category}">
    <header><span class="chip">${sample.subtask ?? sample.category}</span><code>${sample.id}</code></header>
    <div class="strip">
      <div class="cell">
        <p class="caption">Source</p>
        ${sample.images.map((image, at) => picture(image, `Source picture ${at + 1} of ${sample.id}`))}
        <blockquote>${sample.instruction}</blockquote>
      </div>
      ${arms.map(({ name, figures }, at) => {
        const { plan, edit } = input.attempts.get(name)?.get(sample.id) ?? {}
        const told = Object.entries(figures).map(([key, value]) => `${key} ${figure(value)}`)
        return html`<div class="cell ${at === 0 ? 'arm-baseline' : 'arm-subject'}">
          <p class="caption"><b>${name}</b></p>
          ${picture(edit?.image, `Edit by ${name}`)}
          <p class="meta">${told.join(' · ')}</p>
          ${plan !== undefined && planText({ plan })}
        </div>`
      })}
    </div>
  </article>`
}
