import { type Editor, type RoleContext } from '@dda-thinker/plugin-api'
import { editorSuite } from './editor-suite.ts'
import { makePng, seededRandom } from './fakes/index.ts'
import { catches } from './meta.fixture.ts'

/** Paints a picture in a shade that the plan and the seed decide. */
function painter(): Editor {
  let context: RoleContext | undefined
  return {
    fingerprint: 'painter',
    supports: { determinism: 'bitwise', promptLimit: 20, concurrency: 2, maxImages: 1 },
    async open(given) {
      context = given
    },
    async edit({ images, plan, seed }, { signal }) {
      signal.throwIfAborted()
      for (const image of images) await context?.images.get(image)
      const shade = Math.floor(seededRandom(seed + plan.length)() * 255)
      return { bytes: makePng({ width: 4, height: 2, pixel: () => [shade, 0, 0] }) }
    },
  }
}

type Edit = Editor['edit']
const withEdit =
  (change: (edit: Edit) => Edit) =>
  (editor: Editor): Editor => ({ ...editor, edit: change((request, options) => editor.edit(request, options)) })

catches<Editor>({
  honest: painter,
  register: (test, factory) =>
    editorSuite({
      test,
      factory,
      requests: async (images) => {
        const image = await images.put(makePng({ width: 4, height: 4 }))
        return [
          { images: [image], plan: 'paint it red', seed: 1 },
          { images: [image], plan: 'paint it', seed: 2 },
        ]
      },
    }),
  sabotaged: [
    [/declares what it supports/, (editor) => ({ ...editor, supports: { ...editor.supports, concurrency: 0 } })],
    [/encoded picture/, withEdit(() => async () => ({ bytes: Uint8Array.of(1, 2, 3) }))],
    [
      /leaves its input alone/,
      withEdit((edit) => (request, options) => edit(Object.assign(request, { plan: 'x' }), options)),
    ],
    [/same bytes/, withEdit((edit) => (request, options) => edit({ ...request, seed: Math.random() * 1e9 }, options))],
    [/declares what it supports/, (editor) => ({ ...editor, supports: { ...editor.supports, minImages: 2 } })],
    [/not stored/, withEdit((edit) => (request, options) => edit({ ...request, images: [] }, options))],
    [/aborted already/, withEdit((edit) => (request) => edit(request, { signal: new AbortController().signal }))],
  ],
})
