import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errors } from './errors.ts'

/** A checkpoint of TRL within the folder that the run gave. */
export interface TrlCheckpoint {
  /** As transformers reads models, and TRL resumes from. */
  readonly folder: string
  /** Updates of the policy, as the run counts them. */
  readonly policyVersion: number
  /** 16 hex digits of the SHA-256 of the weights. */
  readonly weights: string
}

const POLICY = 'policy.json'

/** Beside the weights, what a model is read with. */
const MODEL_FILES =
  /^(?:(?:model|adapter)[^/]*\.(?:safetensors|json)|.*config\.json|tokenizer.*|vocab.*|merges\.txt|special_tokens_map\.json|chat_template.*)$/

/** What is to be known of a checkpoint beside what TRL writes. */
export async function writePolicy(folder: string, policyVersion: number): Promise<void> {
  await writeFile(join(folder, POLICY), `${JSON.stringify({ policyVersion })}\n`)
}

/** @throws DdaError `DDA_CHECKPOINT_CORRUPT` */
export async function readCheckpoint(folder: string): Promise<TrlCheckpoint> {
  const within = join(folder, 'checkpoint')
  try {
    const { policyVersion } = JSON.parse(await readFile(join(folder, POLICY), 'utf8')) as { policyVersion?: unknown }
    if (!Number.isSafeInteger(policyVersion)) throw new Error(`${POLICY} names no version`)
    const shards = (await readdir(within)).filter((name) => name.endsWith('.safetensors')).toSorted()
    if (shards.length === 0) throw new Error('there are no weights')
    const hash = createHash('sha256')
    for (const shard of shards)
      for await (const chunk of createReadStream(join(within, shard))) hash.update(chunk as Buffer)
    return { folder: within, policyVersion: policyVersion as number, weights: hash.digest('hex').slice(0, 16) }
  } catch (cause) {
    throw errors.make(
      'DDA_CHECKPOINT_CORRUPT/trl',
      { folder, why: (cause as Error).message },
      { cause, location: folder },
    )
  }
}

/** Copies the model of a checkpoint, without the optimiser. @returns the files, absolute */
export async function exportModel({ folder: from }: TrlCheckpoint, folder: string): Promise<readonly string[]> {
  const files = (await readdir(from)).filter((name) => MODEL_FILES.test(name)).toSorted()
  for (const file of files) await cp(join(from, file), join(folder, file))
  return files.map((file) => join(folder, file))
}
