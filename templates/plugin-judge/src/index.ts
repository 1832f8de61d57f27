import {
  API_VERSION,
  definePlugin,
  JUDGES,
  Type,
  type ChecklistItem,
  type ImageRef,
  type ImageStore,
  type Judge,
} from '@dda-thinker/plugin-api'
import sharp from 'sharp'

const NAME = '{{package}}'
const CHECK = 'brightness'

/**
 * A judge that measures: it answers items with `check: { kind: brightness }`, by whether the edited picture got brighter by at
 * least `margin` (of 255) on average. Other items go to the next judge of the configuration.
 */
export function createJudge(margin: number): Judge {
  const fingerprint = `${NAME}:1:${margin}`
  let images: ImageStore | undefined
  const mean = async (image: ImageRef) => {
    if (images === undefined) throw new Error('judge() before open()')
    const { channels } = await sharp(await images.get(image))
      .greyscale()
      .stats()
    return channels[0]?.mean ?? 0
  }
  return {
    fingerprint,
    scopes: ['visual'],
    concurrency: 4,
    answers: (item: ChecklistItem) => item.check?.kind === CHECK,
    async open(context) {
      images = context.images
    },
    async judge(request, { signal }) {
      signal.throwIfAborted()
      if (request.scope !== 'visual') throw new Error('Only pictures are measured.')
      const [source] = request.source
      if (source === undefined) throw new Error('There is no source picture.')
      const gain = (await mean(request.edited)) - (await mean(source))
      const answer = gain >= margin ? 'yes' : 'no'
      return request.items.map(({ id }) => ({
        itemId: id,
        answer,
        reason: `${gain.toFixed(1)} of 255`,
        judge: fingerprint,
      }))
    },
  }
}

export default definePlugin({
  name: NAME,
  apiVersion: API_VERSION,
  options: Type.Object(
    { margin: Type.Number({ minimum: 0, maximum: 255, default: 10 }) },
    { additionalProperties: false },
  ),
  setup(api, { margin }) {
    api.contribute(JUDGES, () => createJudge(margin))
  },
})
