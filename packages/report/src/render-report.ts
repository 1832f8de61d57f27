import { createHash } from 'node:crypto'
import type { ImageRef } from '@dda-thinker/plugin-api'
import { curvesSection } from './curves.ts'
import { gallerySection, pickGallery, type Picture, picturesOf } from './gallery.ts'
import { resultsSection, titleBlock } from './headline.ts'
import { html, type Markup, trusted } from './html.ts'
import { failingSection, learnedSection } from './lessons.ts'
import type { ReportInput } from './report-input.ts'
import { notesSection, runSection } from './run-notes.ts'
import { SCRIPT } from './script.ts'
import { spendingSection } from './spending-section.ts'
import { STYLE } from './style.ts'

export interface RenderOptions {
  /** Encoded bytes of a picture; absent where the store no longer has it. Called once for each picture shown. */
  readonly image: (image: ImageRef) => Promise<Uint8Array | undefined>
  /** Most samples shown before and after, and among the failures. Default 12 and 6. */
  readonly gallery?: { readonly shown: number; readonly failing: number }
}

/**
 * One self-contained HTML page: style, script, charts and pictures are inside, and its content security policy forbids
 * everything else. All text of samples, models and judges is escaped. Same input, same page.
 */
export async function renderReport(input: ReportInput, options: RenderOptions): Promise<string> {
  const pick = pickGallery(input, options.gallery)
  const pictures = new Map<string, string>()
  for (const image of picturesOf(input, pick)) {
    if (pictures.has(image.hash)) continue
    const bytes = await options.image(image)
    if (bytes === undefined) continue
    pictures.set(image.hash, `data:${image.mediaType};base64,${Buffer.from(bytes).toString('base64')}`)
  }
  const picture: Picture = (image, alt) => {
    const source = image === undefined ? undefined : pictures.get(image.hash)
    if (image === undefined) return html`<div class="missing">no edit</div>`
    if (source === undefined) return html`<div class="missing">picture no longer stored</div>`
    return html`<img src="${source}" width="${image.width}" height="${image.height}" alt="${alt}" loading="lazy" />`
  }
  const sections = [
    { id: 'by-category', title: 'Results', body: resultsSection(input) },
    { id: 'curves', title: 'Curves', body: curvesSection(input.steps) },
    { id: 'gallery', title: 'Before and after', body: gallerySection(input, pick, picture) },
    { id: 'learned', title: 'What it learned', body: learnedSection(input) },
    { id: 'failing', title: 'Where it still fails', body: failingSection(input, pick, picture) },
    { id: 'spending', title: 'What it cost', body: spendingSection(input) },
    { id: 'how', title: 'How it was run', body: runSection(input) },
    { id: 'notes', title: 'Honest notes', body: notesSection(input) },
  ].filter((section): section is { id: string; title: string; body: Markup } => section.body !== undefined)
  const links = sections.map(({ id, title }) => html`<a href="#${id}">${title}</a>`)
  const policy = `default-src 'none'; img-src data:; style-src '${sha256(STYLE)}'; script-src '${sha256(SCRIPT)}'; base-uri 'none'; form-action 'none'`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${trusted(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="DDA-Thinker" />
        <title>${input.project} · DDA-Thinker report</title>
        ${element('style', STYLE)}
      </head>
      <body>
        <main>
          ${titleBlock(input)}
          <nav aria-label="Sections">${links}</nav>
          ${sections.map(({ body }) => body)}
          <footer>Written by DDA-Thinker. The numbers of the headline are in summary.json beside this page.</footer>
        </main>
        ${element('script', SCRIPT)}
      </body>
    </html> `.markup
}

/** Exactly the text that was hashed: a formatter's white space around it would break the policy. */
function element(name: 'style' | 'script', text: string): Markup {
  return trusted(`<${name}>${text}</${name}>`)
}

function sha256(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
