import {
  deriveSeed,
  type EndpointReport,
  type RoleContext,
  type Sample,
  type SynthesisContext,
  type SynthesisRequest,
  type Synthesizer,
} from '@dda-thinker/plugin-api'
import { identifyModel, ServiceFrame } from '@dda-thinker/endpoints'
import { askMadeUp } from '@dda-thinker/endpoints/chat'
import { Asker } from './ask.ts'
import { annotateSamples } from './annotate.ts'
import { type Contamination, readContamination } from './decontamination.ts'
import { describe } from './describe.ts'
import { DrawnPictures, type DrawnPicturesOptions } from './drawn-pictures.ts'
import { Funnel } from './funnel.ts'
import { Generator } from './generator.ts'
import { loadPrompts } from './prompts.ts'
import { admit, propose, type Proposed } from './proposals.ts'
import { requestFields, type Settings } from './settings.ts'
import { pictureFiles, PictureGuard, type PictureSource } from './source-pictures.ts'
import { type Slot, TaskQueue } from './task-queue.ts'
import { loadTaxonomy, type Taxonomy } from './taxonomy.ts'
import { TextIndex } from './text.ts'

export const PLUGIN = 'synthesizer-vlm'

/** What all tasks of one synthesis share. */
interface Work {
  readonly asker: Asker
  readonly funnel: Funnel
  readonly taxonomy: Taxonomy
  readonly contamination: Contamination
  readonly known: TextIndex
  readonly seed: number
}

/** Samples from pictures by a vision-language model behind `POST {base}/chat/completions`. */
export class VlmSynthesizer implements Synthesizer {
  readonly #settings: Settings
  readonly #frame: ServiceFrame
  readonly #generator: Generator | undefined

  constructor(settings: Settings) {
    this.#settings = settings
    const { identity, model, generator } = settings
    this.#generator = generator === undefined ? undefined : new Generator(generator)
    this.#frame = new ServiceFrame({
      name: PLUGIN,
      options: settings,
      model,
      session: { maxBodyBytes: 16 * 1024 * 1024 },
      identify: identity === 'server' ? identifyModel(model) : undefined,
      control: ({ session }, signal) =>
        askMadeUp(session, requestFields(settings, { temperature: 0, seed: 0 }), signal),
    })
  }

  async open(context: RoleContext): Promise<void> {
    await this.#frame.open(context)
    await this.#generator?.open(context).catch(async (error: unknown) => {
      await this.#frame.close()
      throw error
    })
  }

  async close(): Promise<void> {
    await Promise.all([this.#frame.close(), this.#generator?.close()])
  }

  /** Lists models. */
  async diagnose(context: RoleContext): Promise<readonly EndpointReport[]> {
    return [...(await this.#frame.diagnose(context)), ...((await this.#generator?.diagnose(context)) ?? [])]
  }

  async *synthesize(request: SynthesisRequest, context: SynthesisContext): AsyncIterable<Sample> {
    const { folders, taxonomy: file, benchmarks, perImage, imageDistance } = this.#settings
    if ((folders.length === 0 && this.#generator === undefined) || request.count.train + request.count['held-out'] <= 0)
      return
    const taxonomy = await loadTaxonomy(file)
    const contamination = await readContamination(benchmarks, { ...this.#settings, log: context.log })
    const funnel = new Funnel(context)
    const guard = new PictureGuard(context, {
      distance: imageDistance,
      contaminated: contamination.pictures,
      maxBytes: this.#settings.maxImageBytes,
    })
    const asker = await this.#asker(context)
    const drawn = this.#drawn({ asker, contamination, taxonomy, context, seed: request.seed })
    const sources = [...(await pictureFiles(folders)), ...drawn]
    const queue = new TaskQueue(sources, { guard, taxonomy, funnel, perImage, request })
    const work: Work = { asker, funnel, taxonomy, contamination, known: new TextIndex(), seed: request.seed }
    try {
      while (!queue.isDone) {
        context.signal.throwIfAborted()
        const slots = await queue.take(this.#settings.batch)
        for (const [slot, sample] of await this.#round(slots, work)) {
          if (sample === undefined) {
            queue.dropped(slot)
            continue
          }
          queue.kept(slot)
          funnel.keep(sample.checklist)
          yield sample
        }
      }
    } finally {
      for (const line of funnel.summary()) context.log.info(line)
    }
  }

  /** Reference and checklist for samples that have none; a sample that gets none comes back as it came. */
  async *annotate(samples: AsyncIterable<Sample>, context: SynthesisContext): AsyncIterable<Sample> {
    const funnel = new Funnel(context)
    try {
      yield* annotateSamples(samples, { asker: await this.#asker(context), funnel, settings: this.#settings, context })
    } finally {
      for (const line of funnel.summary()) context.log.info(line)
    }
  }

  /** All slots together, up to what comes of each, in their order. Instructions are compared before more is spent on them. */
  async #round(slots: readonly Slot[], work: Work): Promise<readonly (readonly [Slot, Sample | undefined])[]> {
    const { asker, funnel, contamination, known } = work
    const { temperature, similarity } = this.#settings
    const seedOf = ({ where }: Slot): number => deriveSeed(work.seed, where)
    const proposals = await settled(slots, (slot) =>
      propose(slot.picture, slot.kind, { asker, temperature, seed: seedOf(slot), where: slot.where }),
    )
    const admitted = await inOrder(proposals, funnel, ({ slot, value }) => {
      const place = admit(value, { kind: slot.kind, known, contamination, similarity })
      return { proposed: value, place }
    })
    const made = await settled([...admitted.keys()], (slot) =>
      this.#sample(slot, (admitted.get(slot) as { proposed: Proposed }).proposed, work),
    )
    const samples = await inOrder(made, funnel, ({ value }) => value)
    for (const [slot, { place }] of admitted) if (!samples.has(slot)) known.remove(place)
    return slots.map((slot) => [slot, samples.get(slot)] as const)
  }

  async #sample(
    slot: Slot,
    { instruction, facts }: Proposed,
    { asker, funnel, taxonomy, seed }: Work,
  ): Promise<Sample> {
    const { picture, kind, split, where } = slot
    const images = [picture.image]
    const task = { where, images, instruction, reference: '', seed: deriveSeed(seed, where) }
    const described = await describe(task, asker, this.#settings, (proposed, dropped) =>
      funnel.dropItems(where, proposed, dropped),
    )
    const { reference, checklist } = described
    return {
      id: `vlm/${where.replaceAll(/[\s:]+/g, '-')}`,
      images,
      instruction,
      category: kind.category,
      subtask: kind.subtask,
      reference,
      checklist,
      split,
      provenance: {
        plugin: PLUGIN,
        seed,
        facts: { picture: picture.name, ...picture.facts, taxonomy: taxonomy.version, ...facts, ...described.facts },
      },
    }
  }

  #drawn(
    given: Pick<DrawnPicturesOptions, 'asker' | 'contamination' | 'taxonomy' | 'context' | 'seed'>,
  ): readonly PictureSource[] {
    const { generator: options, similarity, temperature } = this.#settings
    if (this.#generator === undefined || options === undefined) return []
    const { pictures: count } = options
    return new DrawnPictures({ ...given, generator: this.#generator, count, similarity, temperature }).sources
  }

  async #asker(context: SynthesisContext): Promise<Asker> {
    const { session } = this.#frame.held
    const prompts = await loadPrompts(this.#settings.prompts)
    return new Asker(this.#settings, { prompts, session, context, identity: this.#frame.identity })
  }
}

type Settled<S, T> = { readonly slot: S } & ({ readonly value: T } | { readonly error: unknown })

/** What came of each, or its failure; calls under way finish before anything is thrown. */
async function settled<S, T>(slots: readonly S[], work: (slot: S) => Promise<T>): Promise<readonly Settled<S, T>[]> {
  return Promise.all(
    slots.map(async (slot) => {
      try {
        return { slot, value: await work(slot) }
      } catch (error) {
        return { slot, error }
      }
    }),
  )
}

/** Goes on with what came, one after the other; what was dropped goes on the record. @throws what must end the run */
async function inOrder<T, R>(
  results: readonly Settled<Slot, T>[],
  funnel: Funnel,
  use: (result: { readonly slot: Slot; readonly value: T }) => R,
): Promise<ReadonlyMap<Slot, R>> {
  const used = new Map<Slot, R>()
  for (const result of results) {
    try {
      if ('error' in result) throw result.error
      used.set(result.slot, use(result))
    } catch (error) {
      await funnel.drop(result.slot.where, error)
    }
  }
  return used
}
