import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freshTemporary } from '@dda-thinker/plugin-api'
import type { DataWriter, WriterSetting } from './data-writer.ts'
import { engineMessages } from './engine-prompt.ts'
import { errors } from './errors.ts'

/** Folder of the pictures, beside the file. */
const PICTURES = 'pictures'

/**
 * JSON lines as `PromptDataset` of OpenRLHF 0.11 reads them: `input` is a chat, `label` the id of the sample, which the remote reward gets,
 * `images` are absolute paths, for its workers start elsewhere.
 */
export async function openRlhfWriter(setting: WriterSetting): Promise<DataWriter> {
  const { folder, name, prompt, pictures, picture } = setting
  const path = join(folder, `${name}.jsonl`)
  const temporary = await freshTemporary(path)
  const failed = (cause: unknown): Error =>
    errors.make('DDA_ENGINE_DATA_WRITE', { file: path, why: (cause as Error).message }, { cause, location: path })
  if (pictures) await mkdir(join(folder, PICTURES), { recursive: true })
  const file = await open(temporary, 'w').catch((cause: unknown) => {
    throw failed(cause)
  })
  return {
    file: path,
    async write(sample) {
      const shown = pictures ? sample.images : []
      const paths: string[] = []
      const messages = engineMessages(sample, prompt, { engine: 'OpenRLHF', pictures: shown.length })
      for (const image of shown) {
        const { bytes, path: base } = await picture(image)
        const at = join(folder, PICTURES, base)
        await writeFile(at, bytes).catch((cause: unknown) => {
          throw failed(cause)
        })
        paths.push(at)
      }
      const row = { input: messages, label: sample.id, ...(pictures && { images: paths }), datasource: sample.category }
      await file.write(`${JSON.stringify(row)}\n`).catch((cause: unknown) => {
        throw failed(cause)
      })
    },
    async commit() {
      await file.sync()
      await file.close()
      await rename(temporary, path)
    },
    async discard() {
      await file.close().catch(() => undefined)
      await rm(temporary, { force: true })
    },
  }
}

/** Arguments of `openrlhf.cli.train_ppo_ray` for data written here. */
export function openRlhfArguments(train: string, heldOut: string | undefined, most: number): readonly string[] {
  return [
    `--data.prompt_dataset=${train}`,
    '--data.input_key=input',
    '--data.label_key=label',
    '--data.apply_chat_template',
    ...(heldOut === undefined ? [] : [`--eval.dataset=${heldOut}`]),
    ...(most === 0 ? [] : ['--data.image_key=images', `--data.max_images_per_prompt=${most}`]),
  ]
}
