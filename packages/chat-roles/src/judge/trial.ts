import type { ChecklistItem, Scope } from '@dda-thinker/plugin-api'
import { drawnPicture, toDataUrl } from '@dda-thinker/endpoints'
import type { Part } from '@dda-thinker/endpoints/chat'
import type { AskerOptions, PromptOptions } from './options.ts'
import { cognitiveParts, visualParts } from './prompt.ts'

/** Pixels: small for everyone, and enough for every vision tower. */
const SIDE = 224

/** A made-up question to try a judge with; nothing of a project is sent. */
export function trialOf(scope: Scope, options: PromptOptions & Pick<AskerOptions, 'detail'>) {
  const question = scope === 'visual' ? 'Is there a ball in the edited picture?' : 'Does the plan make the ball blue?'
  const item: ChecklistItem = { id: 'trial', scope, question, expected: 'yes' }
  const url = toDataUrl(drawnPicture(SIDE), 'image/png')
  const picture: Part = {
    type: 'image_url',
    image_url: { url, ...(options.detail === undefined ? {} : { detail: options.detail }) },
  }
  const parts = (items: readonly ChecklistItem[]): readonly Part[] =>
    scope === 'visual'
      ? visualParts({ source: [picture], edited: picture }, items, options)
      : cognitiveParts({ instruction: 'Make it blue.', plan: 'Paint the ball in the middle blue.' }, items, options)
  return { item, parts, right: 'yes' as const }
}
