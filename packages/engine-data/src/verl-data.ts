import { join } from 'node:path'
import { createParquetFile, type ParquetColumn } from '@dda-thinker/data-files'
import type { DataWriter, WriterSetting } from './data-writer.ts'
import { engineMessages } from './engine-prompt.ts'

/** As `RLHFDataset` of verl 0.9 reads them. */
const COLUMNS = [
  { name: 'data_source', type: 'text' },
  { name: 'prompt', type: 'records', fields: { role: 'text', content: 'text' } },
  { name: 'images', type: 'pictures' },
  { name: 'ability', type: 'text' },
  { name: 'reward_model', type: 'record', fields: { style: 'text', ground_truth: 'text' } },
  { name: 'extra_info', type: 'record', fields: { index: 'integer', split: 'text', dda_sample: 'text' } },
] as const satisfies readonly ParquetColumn[]

/** Rows whose `extra_info.dda_sample` is what `dda_reward.verl` asks for. */
export async function verlWriter({ folder, name, prompt, pictures, picture }: WriterSetting): Promise<DataWriter> {
  const path = join(folder, `${name}.parquet`)
  const columns = COLUMNS.filter((column) => pictures || column.name !== 'images')
  const file = await createParquetFile(path, columns)
  return {
    file: path,
    async write(sample, index) {
      const { id, images, category, split } = sample
      const shown = pictures ? images : []
      await file.write({
        data_source: 'dda-thinker',
        prompt: engineMessages(sample, prompt, { engine: 'verl', pictures: shown.length }).map((message) => ({
          ...message,
        })),
        ...(pictures && { images: await Promise.all(shown.map(picture)) }),
        ability: category,
        reward_model: { style: 'rule', ground_truth: id },
        extra_info: { index, split, dda_sample: id },
      })
    },
    commit: () => file.commit(),
    discard: () => file.discard(),
  }
}

/** Overrides of Hydra for data written here; paths are absolute, for Ray's workers start elsewhere. */
export function verlOverrides(train: string, heldOut: string, pictures: boolean): readonly string[] {
  return [
    `data.train_files=${train}`,
    `data.val_files=${heldOut}`,
    'data.prompt_key=prompt',
    ...(pictures ? ['data.image_key=images'] : []),
    // Pictures make prompts of thousands of tokens; verl's own 512 would stop at the first.
    `data.max_prompt_length=${pictures ? 4096 : 1024}`,
    'data.max_response_length=1024',
    'data.truncation=error',
    // Found wherever dda-reward is installed, also on Ray's workers.
    'reward.custom_reward_function.path=pkg://dda_reward.verl',
    'reward.custom_reward_function.name=compute_score',
  ]
}
