import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DdaError, isDdaError, readWholeJson } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import { sameConfig, type PolicyConfig } from '../policy/config.ts'
import type { LearnerCounters, LearnerSnapshot } from '../protocol/snapshot.ts'
import { parseVocabulary, type Vocabulary } from '../policy/vocabulary.ts'
import { readWithHash, sha256 } from './read-file.ts'
import { decodeWeights, encodeWeights } from './weights.ts'

const FORMAT = 'dda-trainer-onnx/1'
const MANIFEST = 'manifest.json'
const VOCABULARY = 'vocabulary.json'

/** The arrays of a critic with a network of its own. */
const CRITIC_FILES = {
  theta: 'critic.safetensors',
  m: 'critic-adam-m.safetensors',
  v: 'critic-adam-v.safetensors',
} as const

/** The arrays of a snapshot and the files that hold them. */
const FILES = {
  theta: 'policy.safetensors',
  reference: 'reference.safetensors',
  m: 'adam-m.safetensors',
  v: 'adam-v.safetensors',
} as const

/** Those that every checkpoint must have. */
const COUNTERS = ['updates', 'imitations', 'optimizerSteps', 'phase', 'klCoefficient', 'shufflePosition'] as const

export interface CheckpointManifest {
  readonly format: typeof FORMAT
  readonly config: PolicyConfig
  readonly vocabularyHash: string
  readonly counters: LearnerCounters
  /** Of a critic with a network of its own; absent where there is none. */
  readonly critic?: { readonly optimizerSteps: number }
  /** SHA-256 of each file, by name. */
  readonly files: Readonly<Record<string, string>>
}

/** Writes a snapshot into an empty folder; the manifest comes last. */
export async function writeCheckpoint(
  folder: string,
  config: PolicyConfig,
  vocabulary: Vocabulary,
  snapshot: LearnerSnapshot,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const files: Record<string, string> = {}
  const write = async (name: string, bytes: Uint8Array): Promise<void> => {
    await writeFile(join(folder, name), bytes)
    files[name] = sha256(bytes)
  }
  for (const [part, name] of Object.entries(FILES)) {
    await write(name, encodeWeights(config, snapshot[part as keyof typeof FILES], { part }))
  }
  const { critic } = snapshot
  if (critic !== undefined) {
    for (const [part, name] of Object.entries(CRITIC_FILES)) {
      await write(name, encodeWeights(config, critic[part as keyof typeof CRITIC_FILES], { part: `critic ${part}` }))
    }
  }
  await write(VOCABULARY, new TextEncoder().encode(`${JSON.stringify(vocabulary.toFile(), null, 1)}\n`))
  const manifest: CheckpointManifest = {
    format: FORMAT,
    config,
    vocabularyHash: vocabulary.hash,
    counters: snapshot.counters,
    ...(critic !== undefined && { critic: { optimizerSteps: critic.optimizerSteps } }),
    files,
  }
  await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
}

export interface Checkpoint {
  readonly config: PolicyConfig
  readonly vocabulary: Vocabulary
  readonly snapshot: LearnerSnapshot
}

/** Reads and verifies a checkpoint as a whole. @throws DdaError `DDA_CHECKPOINT_CORRUPT` naming the file at fault */
export async function readCheckpoint(folder: string): Promise<Checkpoint> {
  const manifest = await readManifest(folder)
  const read = async (name: string): Promise<Uint8Array> => {
    const found = await readWithHash(join(folder, name)).catch((cause: unknown) => {
      throw corrupt(join(folder, name), 'it cannot be read', cause)
    })
    const { bytes } = found
    if (manifest.files[name] !== found.sha256) throw corrupt(join(folder, name), 'its hash differs from the manifest')
    return bytes
  }
  const vocabularyBytes = await read(VOCABULARY)
  const arrays: Partial<Record<keyof typeof FILES, Float32Array>> = {}
  try {
    const vocabulary = parseVocabulary(JSON.parse(new TextDecoder().decode(vocabularyBytes)))
    for (const [part, name] of Object.entries(FILES)) {
      arrays[part as keyof typeof FILES] = decodeWeights(manifest.config, await read(name))
    }
    const { theta, reference, m, v } = arrays as Record<keyof typeof FILES, Float32Array>
    const own = async (name: string): Promise<Float32Array> => decodeWeights(manifest.config, await read(name))
    const critic = manifest.critic && {
      theta: await own(CRITIC_FILES.theta),
      m: await own(CRITIC_FILES.m),
      v: await own(CRITIC_FILES.v),
      optimizerSteps: manifest.critic.optimizerSteps,
    }
    return {
      config: manifest.config,
      vocabulary,
      snapshot: { theta, reference, m, v, counters: manifest.counters, ...(critic !== undefined && { critic }) },
    }
  } catch (cause) {
    if (isDdaError(cause) && cause.code === 'DDA_CHECKPOINT_CORRUPT') throw cause
    throw corrupt(folder, (cause as Error).message, cause)
  }
}

/** What a checkpoint must be of. */
export interface CheckpointOwner {
  readonly config: PolicyConfig
  readonly vocabulary: Vocabulary
  /** Has the critic a network of its own? */
  readonly ownCritic: boolean
}

/** Reads a checkpoint and makes sure that it belongs to this policy. @throws DdaError `DDA_CHECKPOINT_MISMATCH` */
export async function readMatchingCheckpoint(
  folder: string,
  { config, vocabulary, ownCritic }: CheckpointOwner,
): Promise<LearnerSnapshot> {
  const checkpoint = await readCheckpoint(folder)
  const difference = !sameConfig(checkpoint.config, config)
    ? 'policy settings'
    : checkpoint.vocabulary.hash !== vocabulary.hash
      ? 'vocabulary'
      : (checkpoint.snapshot.critic !== undefined) !== ownCritic
        ? 'critic'
        : undefined
  if (difference !== undefined) {
    throw errors.make('DDA_CHECKPOINT_MISMATCH', { folder, difference })
  }
  return checkpoint.snapshot
}

async function readManifest(folder: string): Promise<CheckpointManifest> {
  const path = join(folder, MANIFEST)
  let manifest: Partial<CheckpointManifest> | null
  try {
    manifest = (await readWholeJson(path)) as Partial<CheckpointManifest> | null
  } catch (cause) {
    throw corrupt(path, 'it cannot be read', cause)
  }
  if (manifest?.format !== FORMAT) throw corrupt(path, `its format is not ${FORMAT}`)
  const { config, counters, files } = manifest
  if ([config, counters, files].some((part) => typeof part !== 'object' || (part as object | null) === null)) {
    throw corrupt(path, 'parts of it are missing')
  }
  // What was not counted is no 0: schedules and moments would start again without a word.
  const lacks = COUNTERS.filter((name) => (counters as Partial<LearnerCounters>)[name] === undefined)
  if (lacks.length > 0) {
    const difference = `does not count ${lacks.join(', ')}`
    throw errors.make('DDA_CHECKPOINT_MISMATCH/onnx-version', { path, difference }, { location: path })
  }
  return manifest as CheckpointManifest
}

function corrupt(path: string, problem: string, cause?: unknown): DdaError {
  return errors.make('DDA_CHECKPOINT_CORRUPT/onnx', { path, problem }, { cause, location: path })
}
