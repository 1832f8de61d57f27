import { createHash } from 'node:crypto'
import type { ThinkerInput } from '@dda-thinker/plugin-api'
import { textPart, type Message, type Part } from '@dda-thinker/endpoints/chat'
import { shapeOf, stripReservedTokens, type PlanTags } from '@dda-thinker/plan-text'

const TASK = `You plan edits of pictures. You get a picture and an instruction. The instruction may leave the result to be worked
out: from time that passes, from cause and effect, from space, from logic, from what is known about the world. An image
editor that sees the same picture but does not reason will carry out your plan word for word.

Work out what will be different in the picture. Then write the plan for the editor: each visible change, with what it
concerns, where that is and how it looks afterwards, in plain sentences. Change nothing that need not change. Write
nothing about yourself, about the instruction or about how the result may be judged.`

export interface PlannerOptions {
  /** Replaces the description of the task; how to write the plan is always added. */
  readonly systemPrompt?: string
  readonly tags: PlanTags
}

export function plannerPrompt(options: PlannerOptions): Message {
  return { role: 'system', content: systemText(options) }
}

function systemText({ systemPrompt: task = TASK, tags }: PlannerOptions): string {
  const format = `Write exactly this, each tag once and nothing outside the tags:\n${shapeOf(tags)}`
  return `${task}\n\n${format}`
}

export function plannerRequest(input: ThinkerInput, pictures: readonly Part[]): Message {
  return {
    role: 'user',
    content: [...pictures, textPart(`Instruction: ${stripReservedTokens(input.instruction).text}`)],
  }
}

/** Part of the fingerprint: follows every word of the system prompt. */
export function plannerHash(options: PlannerOptions): string {
  return createHash('sha256').update(systemText(options)).digest('hex').slice(0, 12)
}
