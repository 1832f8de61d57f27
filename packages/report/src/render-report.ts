import { causesSection } from './causes-section.ts'
import { curvesSection } from './curves.ts'
import { gallerySection, pickGallery, picturesOf } from './gallery.ts'
import { figuresBlock, resultsSection, titleBlock } from './headline.ts'
import { highlights } from './highlights.ts'
import { html } from './html.ts'
import { failingSection, learnedSection } from './lessons.ts'
import { embedPictures, type LinkPicture, type ReadPicture, renderPage } from './page.ts'
import type { ReportInput } from './report-input.ts'
import { othersSection } from './others-section.ts'
import { honestNotes, notesSection, runSection } from './run-notes.ts'
import { spendingSection } from './spending-section.ts'

export interface RenderOptions {
  readonly image: ReadPicture
  /** Default: originals are not linked. */
  readonly link?: LinkPicture
  /** Most samples shown before and after, and among the failures. Default 8 and 4. */
  readonly gallery?: { readonly shown: number; readonly failing: number }
}

/**
 * One self-contained HTML page: style, script, charts and pictures are inside, and its content security policy forbids
 * everything else. All text of samples, models and judges is escaped. Same input, same page.
 */
export async function renderReport(input: ReportInput, options: RenderOptions): Promise<string> {
  const pick = pickGallery(input, options.gallery)
  const { picture, drawings } = await embedPictures(picturesOf(input, pick), options.image, options.link)
  const header = html`${titleBlock(input)} ${figuresBlock(input)} ${highlights(input, pick, picture)}`
  const sections = [
    { id: 'by-category', title: 'Results', body: resultsSection(input) },
    { id: 'others', title: 'All evaluations', body: othersSection(input.evaluations) },
    { id: 'gallery', title: 'Before and after', body: gallerySection(input, pick, picture) },
    { id: 'learned', title: 'What it learned', body: learnedSection(input) },
    { id: 'failing', title: 'Where it still fails', body: failingSection(input, pick, picture) },
    { id: 'curves', title: 'Curves', body: curvesSection(input.steps) },
    { id: 'spending', title: 'What it cost', body: spendingSection(input.spending) },
    { id: 'how', title: 'How it was run', body: runSection(input) },
    { id: 'masked', title: 'What could not be measured', body: causesSection(input.causes) },
    { id: 'notes', title: 'Honest notes', body: notesSection(honestNotes(input)) },
  ]
  return renderPage(input.project, header, sections, drawings)
}
