import type { Sample } from '@dda-thinker/plugin-api'
import { DEFAULT_PLAN_TAGS, type PlanTags, shapeOf } from '@dda-thinker/plan-text'
import { errors } from './errors.ts'

/** What the policy of an engine is told. */
export interface EnginePrompt {
  /** System message; null: none. */
  readonly system: string | null
  /** User message behind the pictures; `{instruction}` stands for the sample's. */
  readonly user: string
}

export interface EngineMessage {
  readonly role: 'system' | 'user'
  readonly content: string
}

/** The instruction, and the shape that the service reads plans in. */
export const DEFAULT_ENGINE_PROMPT = defaultPrompt(DEFAULT_PLAN_TAGS)

function defaultPrompt(tags: PlanTags): EnginePrompt {
  const system =
    'You plan edits of pictures. An image editor that sees the same picture but does not reason will carry out your plan word for ' +
    'word. Work out what will be different in the picture, and write each visible change in plain sentences. Change nothing else.\n' +
    `Write exactly this, each tag once and nothing outside the tags:\n${shapeOf(tags)}`
  return { system, user: '{instruction}' }
}

/** Says where a picture goes in a text. */
const PLACEHOLDER = '<image>'
const PLACEHOLDERS = /<(image|video|audio)>/

/**
 * The prompt of a sample as a chat.
 *
 * @param pictures placeholders to put before the user message; the engine finds pictures by them
 * @throws DdaError `DDA_ENGINE_DATA_PROMPT`; `DDA_ENGINE_DATA_PLACEHOLDER` for a text that an engine would take for a picture
 */
export function engineMessages(
  { id, instruction }: Pick<Sample, 'id' | 'instruction'>,
  { system, user }: EnginePrompt,
  { engine, pictures }: { readonly engine: string; readonly pictures: number },
): readonly EngineMessage[] {
  if (!user.includes('{instruction}')) {
    throw errors.make('DDA_ENGINE_DATA_PROMPT', { user: JSON.stringify(user), instruction: '{instruction}' })
  }
  const text = user.replaceAll('{instruction}', () => instruction)
  const found = PLACEHOLDERS.exec(`${system ?? ''}\n${text}`)?.[0]
  if (found !== undefined) {
    throw errors.make('DDA_ENGINE_DATA_PLACEHOLDER', { sample: id, placeholder: found, engine }, { sampleId: id })
  }
  const message: EngineMessage = { role: 'user', content: `${PLACEHOLDER.repeat(pictures)}${text}` }
  return system === null ? [message] : [{ role: 'system', content: system }, message]
}
