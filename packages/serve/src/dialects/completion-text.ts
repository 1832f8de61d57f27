import type { Static } from '@dda-thinker/plugin-api'
import { Type } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'

/** Tokens with which models end a turn; engines that send text decode them too. In the midst of a plan they are its offence. */
const END: readonly string[] = [
  '<|im_end|>',
  '<|endoftext|>',
  '<|eot_id|>',
  '<|end|>',
  '<|end_of_text|>',
  '</s>',
  '<eos>',
  '<end_of_turn>',
  '<pad>',
  '<|pad|>',
]

/** What the policy wrote, without the tokens that end it, and the blanks around those. Looked at from its end, so that no text is dear. */
export function withoutEnd(text: string): string {
  let [written, rest] = [text, text.trimEnd()]
  for (;;) {
    const ending = END.find((token) => rest.endsWith(token))
    if (ending === undefined) return written
    written = rest.slice(0, -ending.length).trimEnd()
    rest = written
  }
}

/** A label of a data set: the id of a sample, or an object that names it. */
export const LabelSchema = Type.Unknown({
  description: 'Id of the sample, or an object with `sampleId`, or that as JSON.',
})

/** @throws DdaError `DDA_SERVE_REQUEST` */
export function sampleIdOf(label: Static<typeof LabelSchema>): string {
  const value = typeof label === 'string' && label.trimStart().startsWith('{') ? parsed(label) : label
  if (typeof value === 'string' && value !== '') return value
  const { sampleId, sample_id: snake } = (value ?? {}) as { readonly sampleId?: unknown; readonly sample_id?: unknown }
  const id = sampleId ?? snake
  if (typeof id === 'string' && id !== '') return id
  throw errors.make('DDA_SERVE_REQUEST/label')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
