import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readWholeSync } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import { decodeWeights } from '../io/weights.ts'
import { policyConfig, type PolicyConfig } from '../policy/config.ts'
import { initialWeights } from '../policy/parameters.ts'
import { markup } from '@dda-thinker/plan-text'
import { readVocabulary, type Vocabulary } from '../policy/vocabulary.ts'
import type { PolicyOptions } from './options.ts'

/** `weights/` of the package, beside both `src/` and `dist/`. */
const SHIPPED = fileURLToPath(new URL('../../weights/', import.meta.url))
export const BASE_WEIGHTS = join(SHIPPED, 'base.safetensors')
export const BASE_VOCABULARY = join(SHIPPED, 'vocabulary.json')

/** Names of the weights in a folder: of an export, a checkpoint, and a run's checkpoint around the trainer's. */
const IN_FOLDER = ['policy.safetensors', 'trainer/policy.safetensors']

/** A graph of more could not be made: its format ends at 2 GiB. */
const MOST_BYTES = 2 ** 30

/** Where a policy comes from: its vocabulary, size and first weights. Files are read when first asked for. */
export class PolicySource {
  readonly options: PolicyOptions
  private readonly resolvePath: (path: string) => string
  private readonly critic: Pick<PolicyConfig, 'valueHeads'>
  private loaded: { readonly vocabulary: Vocabulary; readonly config: PolicyConfig } | undefined
  private bytes: Uint8Array | undefined
  private id: string | undefined

  /**
   * @param resolvePath makes paths of the options absolute.
   * @param critic what a trainer's policy has besides that of the options
   */
  constructor(
    options: PolicyOptions,
    resolvePath: (path: string) => string,
    critic: Pick<PolicyConfig, 'valueHeads'> = {},
  ) {
    this.options = options
    this.resolvePath = resolvePath
    this.critic = critic
  }

  get vocabulary(): Vocabulary {
    return this.load().vocabulary
  }

  get config(): PolicyConfig {
    return this.load().config
  }

  /** Identifies the first weights, for fingerprints. @throws DdaError `DDA_WEIGHTS_MISSING` */
  weightsId(seed: number): string {
    if (this.options.weights === 'random') return `random-${seed}`
    // Every plan names its Thinker by this; megabytes are hashed once.
    this.id ??= createHash('sha256').update(this.weightBytes()).digest('hex').slice(0, 16)
    return this.id
  }

  /** Flat weights to start from. @throws DdaError `DDA_WEIGHTS_MISSING`, `DDA_WEIGHTS_MISMATCH` */
  weights(seed: number): Float32Array {
    const random = (): Float32Array => initialWeights(this.config, seed)
    return this.options.weights === 'random' ? random() : decodeWeights(this.config, this.weightBytes(), random)
  }

  private load(): { readonly vocabulary: Vocabulary; readonly config: PolicyConfig } {
    if (this.loaded === undefined) {
      const path = this.options.vocabulary
      const vocabulary = readVocabulary(path === undefined ? this.vocabularyBeside() : this.resolvePath(path))
      const missing = markup(this.options.tags).filter((tag) => !vocabulary.tags.includes(tag))
      if (missing.length > 0) {
        throw errors.make('DDA_TRAINER_OPTIONS/markup', { missing: missing.join(' ') })
      }
      this.loaded = { vocabulary, config: policyConfig(vocabulary, { ...this.options.policy, ...this.critic }) }
    }
    return this.loaded
  }

  /** The vocabulary in the folder of the weights, if they are in one, else the shipped one. */
  private vocabularyBeside(): string {
    const { weights } = this.options
    if (weights === 'base' || weights === 'random') return BASE_VOCABULARY
    const folder = this.resolvePath(weights)
    const beside = ['vocabulary.json', 'trainer/vocabulary.json'].map((name) => join(folder, name)).find(existsSync)
    return beside ?? BASE_VOCABULARY
  }

  private weightBytes(): Uint8Array {
    if (this.bytes !== undefined) return this.bytes
    const { weights } = this.options
    const given = weights === 'base' ? BASE_WEIGHTS : this.resolvePath(weights)
    const isFolder = existsSync(given) && statSync(given).isDirectory()
    const path = isFolder ? IN_FOLDER.map((name) => join(given, name)).find(existsSync) : given
    try {
      this.bytes = readWholeSync(path ?? join(given, 'policy.safetensors'), MOST_BYTES)
      return this.bytes
    } catch (cause) {
      if (cause instanceof RangeError)
        throw errors.make('DDA_WEIGHTS_MISMATCH/large', { path: path ?? given, why: cause.message }, { cause })
      const key = weights === 'base' ? 'DDA_WEIGHTS_MISSING/base' : 'DDA_WEIGHTS_MISSING/file'
      throw errors.make(key, { path: path ?? given }, { cause })
    }
  }
}
