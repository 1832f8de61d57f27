import { DdaError, type Editor, type ImageStore } from '@dda-thinker/plugin-api'
import { decodePng, hashOf, rememberRaster } from '../world/decode.ts'
import { encodePng } from '../world/png.ts'
import { type World, openWorld } from '../world/sprites.ts'
import { type ExecuteOptions, execute } from './execute.ts'

export interface TabletopEditorOptions extends Omit<ExecuteOptions, 'seed'> {
  /** Names the Editor and everything that changes its pictures. */
  readonly fingerprint: string
}

/** Characters of plan text an Editor reads. */
const PROMPT_LIMIT = 2000

/**
 * An Editor of tabletops: takes the source's pixels and the plan's text, nothing else. Bitwise deterministic in source,
 * plan, seed and options. A plan that changes nothing gives back the source's own bytes.
 *
 * `edit` throws DdaError with kind `bad-input`: `DDA_EDITOR_IMAGES` (not exactly one source), `DDA_EDITOR_PROMPT` (plan too
 * long), `DDA_IMAGE_INVALID` (no picture), `DDA_IMAGE_SIZE` (not the canvas's size).
 */
export function tabletopEditor(options: TabletopEditorOptions): Editor {
  let opened: { readonly world: World; readonly images: ImageStore } | undefined

  return {
    fingerprint: options.fingerprint,
    supports: { determinism: 'bitwise', promptLimit: PROMPT_LIMIT, concurrency: 4, maxImages: 1 },

    async open({ images }) {
      opened = { world: await openWorld(), images }
    },

    async edit({ images, plan, seed }, { signal }) {
      if (opened === undefined) {
        throw new DdaError('DDA_EDITOR_CLOSED', 'The Editor was asked to edit before it was opened.', {
          next: 'Call open(context) once before edit.',
        })
      }
      const [source] = images
      if (source === undefined || images.length > 1) {
        throw new DdaError('DDA_EDITOR_IMAGES', `A tabletop Editor takes one picture, not ${images.length}.`, {
          kind: 'bad-input',
          next: 'Use samples with one source picture.',
        })
      }
      if (plan.length > PROMPT_LIMIT) {
        throw new DdaError('DDA_EDITOR_PROMPT', `The plan has ${plan.length} characters; ${PROMPT_LIMIT} are read.`, {
          kind: 'bad-input',
          next: 'Shorten the plan.',
        })
      }
      const bytes = await opened.images.get(source)
      signal.throwIfAborted()
      const raster = await decodePng(bytes, source.hash)
      signal.throwIfAborted()
      const { image, changed, notes } = execute(opened.world, raster, plan, { ...options, seed })
      if (!changed) return { bytes, notes }
      const encoded = encodePng(image)
      rememberRaster(hashOf(encoded), image)
      return { bytes: encoded, notes }
    },

    async close() {
      opened = undefined
    },
  }
}
