import { isSolved } from '@dda-thinker/plugin-api'
import { subjectArm } from './arms.ts'
import type { GalleryPick } from './gallery.ts'
import { html, type Markup } from './html.ts'
import type { Picture } from './page.ts'
import type { ReportInput } from './report-input.ts'

/** Pairs under the headline: two pictures each. */
const PAIRS = 3

/** What it looks like, at a glance: source beside edit, two that the subject solves and one that it does not, where there are such. */
export function highlights(input: ReportInput, { shown, failing }: GalleryPick, picture: Picture): Markup | undefined {
  const subject = subjectArm(input)
  const failed = failing.slice(0, Math.max(1, PAIRS - shown.length))
  const rows = [...shown.slice(0, PAIRS - Math.min(failed.length, 1)), ...failed].slice(0, PAIRS)
  if (subject === undefined || rows.length === 0) return undefined
  return html`<section id="highlights" class="highlights" aria-label="Examples">
    ${rows.map(({ sample, by }) => {
      const rollout = by.get(subject.id)?.rollout
      const solved = rollout !== undefined && isSolved(rollout, sample.checklist)
      return html`<figure class="highlight">
        <div class="pair">
          ${picture(sample.images[0], `Source picture of ${sample.id}`)}
          ${picture(rollout?.edit?.image, `Edit by ${subject.label}`)}
        </div>
        <figcaption>
          “${sample.instruction}”
          <span class="mark ${solved ? 'pass' : 'fail'}">${solved ? 'solved' : 'not solved'}</span>
          <small>by ${subject.label}</small>
        </figcaption>
      </figure>`
    })}
  </section>`
}
