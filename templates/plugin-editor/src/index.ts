import { API_VERSION, definePlugin, EDITOR, Type, type Editor, type ImageStore } from '@dda-thinker/plugin-api'
import sharp, { type Sharp } from 'sharp'

const NAME = '{{package}}'

/** What it can do, by the word that a plan says it with. */
const EDITS: Readonly<Record<string, (picture: Sharp, strength: number) => Sharp>> = {
  brighter: (picture, strength) => picture.modulate({ brightness: 1 + strength }),
  darker: (picture, strength) => picture.modulate({ brightness: 1 / (1 + strength) }),
  greyscale: (picture) => picture.greyscale(),
  mirrored: (picture) => picture.flop(),
}

/** An Editor that carries out plans of a few words, in process. It is never trained: whatever gets better is the Thinker's. */
export function createEditor(strength: number): Editor {
  let images: ImageStore | undefined
  return {
    // Everything that changes its pictures, so that no cached edit of another version is taken for one of this.
    fingerprint: `${NAME}:1:sharp-${sharp.versions.sharp}:${strength}`,
    supports: { determinism: 'bitwise', concurrency: 4, maxImages: 1 },
    async open(context) {
      images = context.images
    },
    async edit({ images: [source], plan }, { signal }) {
      signal.throwIfAborted()
      if (images === undefined || source === undefined) throw new Error('edit() before open()')
      const known = Object.entries(EDITS).filter(([word]) => plan.toLowerCase().includes(word))
      let picture = sharp(await images.get(source))
      for (const [, edit] of known) picture = edit(picture, strength)
      return {
        bytes: await picture.png().toBuffer(),
        notes: known.length === 0 ? ['nothing in the plan that I can do'] : [],
      }
    },
  }
}

export default definePlugin({
  name: NAME,
  apiVersion: API_VERSION,
  options: Type.Object(
    { strength: Type.Number({ exclusiveMinimum: 0, default: 0.5 }) },
    { additionalProperties: false },
  ),
  setup(api, { strength }) {
    api.provide(EDITOR, () => createEditor(strength))
  },
})
