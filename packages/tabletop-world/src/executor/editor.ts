import { RoleFrame, type Editor, type ImageRef, type ImageStore } from '@dda-thinker/plugin-api'
import { decodePng, hashOf, rememberRaster } from '../world/decode.ts'
import { encodePng } from '@dda-thinker/pictures'
import { type World, openWorld } from '../world/sprites.ts'
import { type ExecuteOptions, execute } from './execute.ts'

export interface TabletopEditorOptions extends Omit<ExecuteOptions, 'seed'> {
  /** Names the Editor and everything that changes its pictures. */
  readonly fingerprint: string
}

/**
 * An Editor of tabletops: takes the source's pixels and the plan's text, nothing else. Bitwise deterministic in source,
 * plan, seed and options. A plan that changes nothing gives back the source's own bytes.
 *
 * `edit` throws DdaError with kind `bad-input`: `DDA_IMAGE_INVALID` (no picture), `DDA_IMAGE_SIZE` (not the canvas's size).
 */
export function tabletopEditor(options: TabletopEditorOptions): Editor {
  const frame = new RoleFrame<{ readonly world: World; readonly images: ImageStore }>({
    role: options.fingerprint,
    end: async () => undefined,
  })

  return {
    fingerprint: options.fingerprint,
    supports: { determinism: 'bitwise', promptLimit: 2000, concurrency: 4, maxImages: 1 },

    open: ({ images }) => frame.open(async () => ({ world: await openWorld(), images })),

    async edit({ images, plan, seed }, { signal }) {
      const opened = frame.held
      // Exactly one, as `supports` declares.
      const source = images[0] as ImageRef
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

    close: () => frame.close(),
  }
}
