import { percent } from '../bars.ts'
import { html, type Markup } from '../html.ts'
import { embedPictures, type LinkPicture, type ReadPicture, renderPage } from '../page.ts'
import { causesSection } from '../causes-section.ts'
import { factsSection, notesSection } from '../run-notes.ts'
import { spendingSection } from '../spending-section.ts'
import { benchmarkResults, benchmarkRows, benchmarkTitle } from './benchmark-figures.ts'
import { benchmarkGallery, benchmarkHighlights, benchmarkPictures, pickBenchmark } from './benchmark-gallery.ts'
import type { BenchmarkReportInput } from './benchmark-input.ts'
import { publishedSection } from './published-section.ts'

export interface BenchmarkRenderOptions {
  readonly image: ReadPicture
  /** Default: originals are not linked. */
  readonly link?: LinkPicture
  /** Most items shown that became better, and worse. Default 12 and 6. */
  readonly gallery?: { readonly better: number; readonly worse: number }
}

/** Problems that are listed; the record has all. */
const LISTED = 50

/** The page about a benchmark run: self-contained, everything escaped, like that of an evaluation. */
export async function renderBenchmark(input: BenchmarkReportInput, options: BenchmarkRenderOptions): Promise<string> {
  const pick = pickBenchmark(input, options.gallery)
  const { picture, drawings } = await embedPictures(benchmarkPictures(input, pick), options.image, options.link)
  const arms = Object.entries(input.record.thinkers)
  const causes = Object.fromEntries(arms.map(([name, arm]) => [name, arm.causes ?? []]))
  const sections = [
    { id: 'results', title: 'Results', body: benchmarkResults(input) },
    { id: 'rows', title: 'Official table', body: benchmarkRows(input) },
    { id: 'published', title: 'Published figures', body: publishedSection(input) },
    { id: 'gallery', title: 'Before and after', body: benchmarkGallery(input, pick, picture) },
    { id: 'problems', title: 'In no mean', body: problemsSection(input) },
    { id: 'masked', title: 'What could not be measured', body: causesSection(causes) },
    { id: 'spending', title: 'What it cost', body: spendingSection(input.spending) },
    { id: 'how', title: 'How it was run', body: factsSection(input.facts, input.config) },
    { id: 'notes', title: 'Honest notes', body: notesSection(benchmarkNotes(input)) },
  ]
  const header = html`${benchmarkTitle(input)} ${benchmarkHighlights(input, pick, picture)}`
  return renderPage(input.project, header, sections, drawings)
}

function problemsSection({ record }: BenchmarkReportInput): Markup | undefined {
  const all = Object.entries(record.thinkers).flatMap(([name, { scores }]) =>
    (scores?.problems ?? []).map((problem) => ({ name, ...problem })),
  )
  if (all.length === 0) return undefined
  const left = all.length - LISTED
  return html`<section id="problems">
    <h2>Answers in no mean</h2>
    <ul>
      ${all
        .slice(0, LISTED)
        .map(
          ({ name, item, question, problem, why }) =>
            html`<li><b>${name}</b> ${item} <code>${question}</code>: ${problem}, ${why}</li>`,
        )}
    </ul>
    ${left > 0 && html`<p class="meta">And ${left} more in benchmark.json.</p>`}
  </section>`
}

/** What a reader must know before believing a number, written from the data. */
function benchmarkNotes({ record, failures, seed }: BenchmarkReportInput): readonly string[] {
  const unedited = Object.entries(record.thinkers).map(([name, { edited }]) => {
    const kinds = Object.entries(failures[name] ?? {}).map(([kind, count]) => `${kind} ${count}`)
    const left = record.samples.length - edited
    return `${name}: ${left} of ${record.samples.length} items without an edited picture${kinds.length === 0 ? '' : ` (${kinds.join(', ')})`}.`
  })
  return [
    'An answer that is missing or cannot be read is counted as such; whether it counts as not solved or leaves the mean is the rule of the benchmark.',
    ...unedited,
    'A paired difference is over the items whose answers about both Thinkers could all be used.',
    `Intervals (${percent(record.confidence)}) cover which items were drawn; not the judge’s own mistakes, nor another seed: this is one run with seed ${seed}.`,
    'Two numbers belong in one table only if data, judge model, prompts, rules, parser and coverage are the same.',
  ]
}
