import { mkdir, rename, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { type ImageRef, type Sample, freshTemporary } from '@dda-thinker/plugin-api'
import type { DataWriter, EngineFormat, WriterSetting } from './data-writer.ts'
import { DEFAULT_ENGINE_PROMPT, type EnginePrompt } from './engine-prompt.ts'
import { errors } from './errors.ts'
import { openRlhfArguments, openRlhfWriter } from './openrlhf-data.ts'
import { trlScript } from './trl-script.ts'
import { trlWriter } from './trl-data.ts'
import { verlOverrides, verlWriter } from './verl-data.ts'

/** Every format that is written. */
export const ENGINE_FORMATS = ['verl', 'trl', 'openrlhf'] as const satisfies readonly EngineFormat[]

/** The streams of `reward-dual-atomic`. */
const STREAMS = ['cognitive', 'visual', 'format']

export interface EngineDataOptions {
  readonly format: EngineFormat
  /** Made where it is not there. Files in it are replaced when the new ones are complete. */
  readonly folder: string
  /** In the order in which they are written. */
  readonly samples: AsyncIterable<Sample>
  readonly images: { get(image: ImageRef): Promise<Uint8Array>; path(image: ImageRef): string }
  /** Default: {@link DEFAULT_ENGINE_PROMPT}. */
  readonly prompt?: EnginePrompt
  /** The policy sees the source pictures. Default true. */
  readonly pictures?: boolean
  /** Streams of the project's reward, for settings that name them. Default: those of reward-dual-atomic. */
  readonly streams?: readonly string[]
  /** Asked before each sample; true ends without a file. */
  readonly stopped?: () => boolean
}

export interface EngineData {
  /** Absolute, first the data, then the settings. */
  readonly files: readonly string[]
  readonly train: number
  readonly heldOut: number
}

const WRITERS: Readonly<Record<EngineFormat, (setting: WriterSetting) => Promise<DataWriter>>> = {
  verl: verlWriter,
  trl: trlWriter,
  openrlhf: openRlhfWriter,
}

/**
 * Writes samples as an engine reads them, train and held-out apart, and the settings that go with them. Checklists and references stay
 * here: the policy must not see them, and the service that scores knows them by the id.
 *
 * @throws DdaError `DDA_ENGINE_DATA_EMPTY`, `DDA_ENGINE_DATA_PLACEHOLDER`, `DDA_ENGINE_DATA_PROMPT`, `DDA_ENGINE_DATA_STOPPED`,
 * `DDA_ENGINE_DATA_WRITE`, `DDA_DATASET_WRITE`, `DDA_STORE_MISSING`; nothing is replaced then
 */
export async function writeEngineData(options: EngineDataOptions): Promise<EngineData> {
  const { format, images, prompt = DEFAULT_ENGINE_PROMPT, pictures = true } = options
  const folder = resolve(options.folder)
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw errors.make('DDA_ENGINE_DATA_WRITE', { file: folder, why: (cause as Error).message }, { cause })
  })
  const picture = async (image: ImageRef) => ({ bytes: await images.get(image), path: basename(images.path(image)) })
  const open = (name: WriterSetting['name']) => WRITERS[format]({ folder, name, prompt, pictures, picture })
  const train = await open('train')
  const heldOut = await open('held-out').catch(async (error: unknown) => {
    await train.discard()
    throw error
  })
  const counts = { train: 0, 'held-out': 0 }
  let most = 0
  try {
    for await (const sample of options.samples) {
      if (options.stopped?.() === true) throw errors.make('DDA_ENGINE_DATA_STOPPED')
      await (sample.split === 'train' ? train : heldOut).write(sample, counts[sample.split])
      counts[sample.split] += 1
      if (pictures) most = Math.max(most, sample.images.length)
    }
    if (counts.train === 0) throw errors.make('DDA_ENGINE_DATA_EMPTY', { engine: format })
  } catch (error) {
    await train.discard()
    await heldOut.discard()
    throw error
  }
  await train.commit()
  await (counts['held-out'] === 0 ? heldOut.discard() : heldOut.commit())
  const held = counts['held-out'] === 0 ? undefined : heldOut.file
  const settings = settingsOf(format, { train: train.file, heldOut: held, most, streams: options.streams ?? STREAMS })
  const files: string[] = []
  for (const [name, text] of Object.entries(settings)) files.push(await writeWhole(join(folder, name), text))
  return {
    files: [train.file, ...(held === undefined ? [] : [held]), ...files],
    train: counts.train,
    heldOut: counts['held-out'],
  }
}

interface Facts {
  readonly train: string
  readonly heldOut: string | undefined
  /** Most pictures of a sample that the policy sees. */
  readonly most: number
  readonly streams: readonly string[]
}

/** Files of settings by name. */
function settingsOf(format: EngineFormat, { train, heldOut, most, streams }: Facts): Readonly<Record<string, string>> {
  if (format === 'trl') return { 'train.py': trlScript(streams) }
  const lines = (text: readonly string[]): string => `${text.join('\n')}\n`
  if (format === 'openrlhf') return { 'arguments.txt': lines(openRlhfArguments(train, heldOut, most)) }
  return {
    // verl validates before the first step whatever it is told of the training, so it is given the training data where nothing is held out.
    'overrides.txt': lines(verlOverrides(train, heldOut ?? train, most > 0)),
    'agent-loop.yaml': '- name: dda_single_turn\n  _target_: dda_reward.verl_agent_loop.DdaSingleTurnAgentLoop\n',
  }
}

async function writeWhole(file: string, text: string): Promise<string> {
  const temporary = await freshTemporary(file)
  try {
    await writeFile(temporary, text)
    await rename(temporary, file)
  } catch (cause) {
    throw errors.make('DDA_ENGINE_DATA_WRITE', { file, why: (cause as Error).message }, { cause, location: file })
  }
  return file
}
