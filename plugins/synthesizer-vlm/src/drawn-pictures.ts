import { deriveSeed, type ImageRef, type SynthesisContext } from '@dda-thinker/plugin-api'
import type { Asker } from './ask.ts'
import type { Contamination } from './decontamination.ts'
import { origin, type Facts } from './describe.ts'
import type { Generator } from './generator.ts'
import { textAt } from './read-json.ts'
import { Dropped, TASK_REASONS } from './reasons.ts'
import type { PictureSource } from './source-pictures.ts'
import { Balance, type Kind, type Taxonomy } from './taxonomy.ts'
import { TextIndex, wordsOf } from './text.ts'

/** Fewer words draw any picture. */
const MIN_WORDS = 6

interface Drawn {
  readonly image: ImageRef
  readonly facts: Facts
}

interface Scene {
  readonly name: string
  readonly number: number
  readonly kind: Kind
  /** What came of it; absent before {@link DrawnPictures.prepare}. */
  drawn?: Drawn | { readonly error: unknown }
}

export interface DrawnPicturesOptions {
  readonly generator: Generator
  readonly asker: Asker
  readonly contamination: Contamination
  readonly taxonomy: Taxonomy
  readonly context: SynthesisContext
  /** At most so many. */
  readonly count: number
  readonly similarity: number
  readonly temperature: number
  readonly seed: number
}

/** Source pictures from text: the model describes a scene for a kind of reasoning, the generator draws it. */
export class DrawnPictures {
  readonly #options: DrawnPicturesOptions
  readonly #scenes: readonly Scene[]
  readonly #known = new TextIndex()

  constructor(options: DrawnPicturesOptions) {
    const { taxonomy, seed, count } = options
    const balance = new Balance(taxonomy.kinds, seed)
    this.#options = options
    this.#scenes = Array.from({ length: taxonomy.kinds.length === 0 ? 0 : count }, (_, index) => {
      const kind = balance.next(new Set()) as Kind
      return { name: `scene-${index + 1}`, number: index + 1, kind }
    })
  }

  get sources(): readonly PictureSource[] {
    return this.#scenes.map((scene) => ({
      name: scene.name,
      kind: scene.kind,
      prepare: (next) => this.#prepare(next),
      take: async (guard) => {
        if (scene.drawn === undefined) await this.#prepare(new Set([scene.name]))
        const { drawn } = scene
        if (drawn === undefined || 'error' in drawn) throw drawn?.error
        return guard.admit(scene.name, drawn.image, drawn.facts)
      },
    }))
  }

  /** Describes and draws scenes side by side; what they are compared with does not depend on which answer comes first. */
  async #prepare(names: ReadonlySet<string>): Promise<void> {
    const scenes = this.#scenes.filter(({ name, drawn }) => drawn === undefined && names.has(name))
    const { contamination, similarity, generator, context } = this.#options
    const described = await Promise.all(
      scenes.map(async (scene) => [scene, await settled(this.#describe(scene))] as const),
    )
    const admitted: { scene: Scene; text: string }[] = []
    for (const [scene, result] of described) {
      if ('error' in result) {
        scene.drawn = result
        continue
      }
      const text = result.value
      const problem = contamination.hasInstruction(text)
        ? TASK_REASONS.instructionContaminated
        : this.#known.has(text, similarity)
          ? TASK_REASONS.sceneRepeated
          : undefined
      if (problem === undefined) {
        this.#known.add(text)
        admitted.push({ scene, text })
      } else scene.drawn = { error: new Dropped(problem, text) }
    }
    await Promise.all(
      admitted.map(async ({ scene, text }) => {
        const seed = deriveSeed(this.#options.seed, 'draw', scene.name) % 2 ** 31
        const result = await settled(generator.draw(text, seed, scene.name, context))
        if ('error' in result) scene.drawn = result
        else {
          const { model } = generator
          const facts = { scene: text, 'drawn.model': model, 'drawn.seed': seed, ...this.#origin(scene) }
          scene.drawn = { image: result.value, facts }
        }
      }),
    )
  }

  #describe({ name, number, kind }: Scene): Promise<string> {
    const { asker, temperature } = this.#options
    const { category, subtask, definition } = kind
    return asker.ask({
      prompt: 'scene',
      values: { category, subtask, definition, number: String(number) },
      pictures: [],
      temperature,
      seed: this.#seedOf(name),
      about: name,
      read: (object) => {
        const scene = textAt(object, 'scene')
        if (scene === undefined) return { problem: 'it has no scene' }
        return wordsOf(scene).length < MIN_WORDS ? { problem: 'its scene has hardly a word' } : { value: scene }
      },
    })
  }

  #origin({ name }: Scene): Facts {
    const { asker } = this.#options
    return origin('scene', asker, asker.prompts.scene, this.#seedOf(name))
  }

  #seedOf(name: string): number {
    return deriveSeed(this.#options.seed, 'scene', name) % 2 ** 31
  }
}

async function settled<T>(work: Promise<T>): Promise<{ readonly value: T } | { readonly error: unknown }> {
  try {
    return { value: await work }
  } catch (error) {
    return { error }
  }
}
