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
  /** Where nothing changed, or nothing was measured. */
  readonly others: readonly Row[]
}

/** Pairs under the headline: two pictures each. */
const PAIRS = 3

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
  const pick = (keep: (change: number | undefined) => boolean, count: number) =>
    spread(
      rows.filter(({ change }) => keep(change)),
      ({ sample }) => sample.category,
      ({ sample }) => sample.subtask ?? '',
    ).slice(0, count)
  const better = pick((change = 0) => change > 0, most.better)
  const worse = pick((change = 0) => change < 0, most.worse)
  return { better, worse, others: better.length + worse.length > 0 ? [] : pick(() => true, most.better) }
}

export function benchmarkPictures(
  input: BenchmarkReportInput,
  { better, worse, others }: BenchmarkPick,
): readonly ImageRef[] {
  return [...better, ...worse, ...others].flatMap(({ sample, arms }) => [
    ...sample.images,
    ...arms.flatMap(({ name }) => input.attempts.get(name)?.get(sample.id)?.edit?.image ?? []),
  ])
}

export function benchmarkGallery(
  input: BenchmarkReportInput,
  { better, worse, others }: BenchmarkPick,
  picture: Picture,
): Markup | undefined {
  if (better.length + worse.length + others.length === 0) return undefined
  const part = (title: string, rows: readonly Row[]) =>
    rows.length > 0 &&
    html`<h3>${title}</h3>
      <div class="cards">${rows.map((row) => card(input, row, picture))}</div>`
  return html`<section id="gallery">
    <h2>Before and after</h2>
    <p class="lede">
      ${
        others.length > 0
          ? html`No item is known to have changed in ${input.record.primary}: some as they are,`
          : html`Items in which ${input.record.primary} changed,`
      }
      spread over categories by rule, not picked by hand.
    </p>
    ${part('Better with a plan', better)} ${part('Worse with a plan', worse)} ${part('As they are', others)}
  </section>`
}

/** What it looks like, at a glance: source beside the subject's edit. */
export function benchmarkHighlights(
  input: BenchmarkReportInput,
  { better, worse, others }: BenchmarkPick,
  picture: Picture,
): Markup | undefined {
  const subject = benchmarkSubject(input) ?? Object.keys(input.record.thinkers)[0]
  const rows = [...better.slice(0, PAIRS - Math.min(worse.length, 1)), ...worse, ...others].slice(0, PAIRS)
  if (subject === undefined || rows.length === 0) return undefined
  return html`<section id="highlights" class="highlights" aria-label="Examples">
    ${rows.map(({ sample }) => {
      const { edit } = input.attempts.get(subject)?.get(sample.id) ?? {}
      return html`<figure class="highlight">
        <div class="pair">
          ${picture(sample.images[0], `Source picture of ${sample.id}`)} ${picture(edit?.image, `Edit by ${subject}`)}
        </div>
        <figcaption>“${sample.instruction}” <small>by ${subject}</small></figcaption>
      </figure>`
    })}
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
