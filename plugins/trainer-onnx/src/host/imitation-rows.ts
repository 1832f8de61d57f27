import type { Demonstration } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import type { PlanRow } from '../protocol/plan-rows.ts'
import { ImageTable, type EncodedInput, type Encoder } from './encoder.ts'

/** Demonstrations as rows. @throws DdaError `DDA_TRAINER_INPUT` where there are none, and as {@link Encoder.plan} */
export async function imitationRows(
  demonstrations: readonly Demonstration[],
  encoder: Encoder,
): Promise<{ readonly images: readonly Uint8Array[]; readonly rows: readonly PlanRow[] }> {
  if (demonstrations.length === 0) {
    throw errors.make('DDA_TRAINER_INPUT/no-demonstrations')
  }
  const table = new ImageTable()
  // Side by side: decoding runs on other threads.
  const inputs = await Promise.all(demonstrations.map(({ input }) => encoder.input(input)))
  const rows = demonstrations.map(({ input, text }, i) => {
    const { prompt, image } = inputs[i] as EncodedInput
    return { prompt, image: table.place(image), temperature: 1, tokens: encoder.plan(text, input.id) }
  })
  return { images: table.images, rows }
}
