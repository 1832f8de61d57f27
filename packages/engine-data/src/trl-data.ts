import { join } from 'node:path'
import { createParquetFile, type ParquetColumn } from '@dda-thinker/data-files'
import type { DataWriter, WriterSetting } from './data-writer.ts'
import { engineMessages } from './engine-prompt.ts'

/** As `GRPOTrainer` of TRL 1.16 reads them; every other column reaches the reward functions. */
const COLUMNS = [
  { name: 'prompt', type: 'records', fields: { role: 'text', content: 'text' } },
  { name: 'images', type: 'pictures' },
  { name: 'sample_id', type: 'text' },
  { name: 'category', type: 'text' },
] as const satisfies readonly ParquetColumn[]

/** Rows whose `sample_id` is what `dda_reward.trl` asks for. TRL itself puts the pictures before the first user message. */
export async function trlWriter({ folder, name, prompt, pictures, picture }: WriterSetting): Promise<DataWriter> {
  const path = join(folder, `${name}.parquet`)
  const file = await createParquetFile(
    path,
    COLUMNS.filter((column) => pictures || column.name !== 'images'),
  )
  return {
    file: path,
    async write(sample) {
      await file.write({
        prompt: engineMessages(sample, prompt, { engine: 'TRL', pictures: 0 }).map((message) => ({ ...message })),
        ...(pictures && { images: await Promise.all(sample.images.map(picture)) }),
        sample_id: sample.id,
        category: sample.category,
      })
    },
    commit: () => file.commit(),
    discard: () => file.discard(),
  }
}
