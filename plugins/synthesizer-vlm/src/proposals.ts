import { deriveSeed } from '@dda-thinker/plugin-api'
import { origin, type Facts } from './describe.ts'
import type { Asker } from './ask.ts'
import type { Contamination } from './decontamination.ts'
import { textAt } from './read-json.ts'
import { Dropped, TASK_REASONS } from './reasons.ts'
import type { SourcePicture } from './source-pictures.ts'
import type { Kind } from './taxonomy.ts'
import { type TextIndex, wordsOf } from './text.ts'

export interface Proposed {
  readonly instruction: string
  readonly facts: Facts
}

/** Longer ones describe the result instead of asking for it. */
const MAX_INSTRUCTION = 600

/** Asks for one instruction of a kind about a picture. @throws Dropped */
export async function propose(
  picture: SourcePicture,
  kind: Kind,
  given: { readonly asker: Asker; readonly seed: number; readonly temperature: number; readonly where: string },
): Promise<Proposed> {
  const { asker, temperature, where } = given
  const seed = deriveSeed(given.seed, 'propose') % 2 ** 31
  const { category, subtask, definition, examples } = kind
  const said = await asker.ask<{ instruction: string } | { unsuitable: string }>({
    prompt: 'propose',
    values: { category, subtask, definition, examples: examples.length === 0 ? '(none)' : examples.join(' / ') },
    pictures: [picture.image],
    temperature,
    seed,
    about: where,
    read: (object) => {
      if (object['suitable'] === false) return { value: { unsuitable: textAt(object, 'reason') ?? '' } }
      const instruction = textAt(object, 'instruction')
      return instruction === undefined ? { problem: 'it has no instruction' } : { value: { instruction } }
    },
  })
  if ('unsuitable' in said) throw new Dropped(TASK_REASONS.unsuitable, said.unsuitable)
  return { instruction: said.instruction, facts: origin('instruction', asker, asker.prompts.propose, seed) }
}

/** Is it an instruction, of no benchmark, and new? @returns its place in `known` @throws Dropped */
export function admit(
  { instruction }: Proposed,
  given: {
    readonly kind: Kind
    readonly known: TextIndex
    readonly contamination: Contamination
    readonly similarity: number
  },
): number {
  const { kind, known, contamination, similarity } = given
  if (wordsOf(instruction).length < 2 || instruction.length > MAX_INSTRUCTION) {
    throw new Dropped(TASK_REASONS.notAnInstruction, instruction)
  }
  const same = wordsOf(instruction).join(' ')
  if (kind.examples.some((example) => wordsOf(example).join(' ') === same)) {
    throw new Dropped(TASK_REASONS.notAnInstruction, `it is the example of the taxonomy: ${instruction}`)
  }
  if (contamination.hasInstruction(instruction)) throw new Dropped(TASK_REASONS.instructionContaminated, instruction)
  if (known.has(instruction, similarity)) throw new Dropped(TASK_REASONS.instructionRepeated, instruction)
  return known.add(instruction)
}
