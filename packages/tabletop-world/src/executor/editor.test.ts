import { type ImageRef, type ImageStore, type RoleContext, isDdaError } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { seePng } from '../sight/see.ts'
import { hashOf } from '../world/decode.ts'
import { drawScene } from '../world/draw.ts'
import { encodePng } from '@dda-thinker/pictures'
import { CANVAS } from '../world/scene.ts'
import { openWorld } from '../world/sprites.ts'
import { tabletopEditor } from './editor.ts'

const world = await openWorld()
const log = { debug() {}, info() {}, warn() {} }
const signal = new AbortController().signal

/** An ImageStore over a map. */
function memoryStore(): ImageStore {
  const blobs = new Map<string, Uint8Array>()
  return {
    async get({ hash }) {
      const bytes = blobs.get(hash)
      if (bytes === undefined) throw new Error(`no blob ${hash}`)
      return bytes
    },
    async put(bytes) {
      const hash = hashOf(bytes)
      blobs.set(hash, bytes)
      return { hash, mediaType: 'image/png', ...CANVAS } satisfies ImageRef
    },
  }
}

async function opened() {
  const images = memoryStore()
  const context: RoleContext = { images, signal, log, seed: 0 }
  const editor = tabletopEditor({ fingerprint: 'test' })
  await editor.open?.(context)
  const png = encodePng(
    drawScene(world, {
      background: 'sea',
      objects: [{ kind: 'cup', column: 1, row: 'front', size: 'large', dx: 0, dy: 0 }],
    }),
  )
  return { editor, images, png, source: await images.put(png) }
}

test('an edit is a PNG of the canvas with the plan done, equal for equal requests', async () => {
  const { editor, source } = await opened()
  const request = { images: [source], plan: 'turn the cup cracked; nonsense', seed: 4 }
  const { bytes, notes } = await editor.edit(request, { signal })
  expect((await seePng(bytes)).objects).toMatchObject([{ kind: 'cup', state: 'cracked', column: 1, row: 'front' }])
  expect(notes).toEqual(['Not understood: "nonsense".'])
  expect(Buffer.compare((await editor.edit(request, { signal })).bytes, bytes)).toBe(0)
})

test('a plan that changes nothing gives back the very bytes of the source', async () => {
  const { editor, source, png } = await opened()
  const { bytes } = await editor.edit({ images: [source], plan: 'make it nice', seed: 4 }, { signal })
  expect(Buffer.compare(bytes, png)).toBe(0)
})

async function failure(edit: Promise<unknown>): Promise<unknown> {
  const error: unknown = await edit.catch((thrown: unknown) => thrown)
  return isDdaError(error) ? [error.code, error.kind] : error
}

test('what it cannot work on is a coded failure of the input', async () => {
  const { editor, images } = await opened()
  const torn = await images.put(new Uint8Array([1, 2, 3]))
  const small = await images.put(encodePng({ width: 4, height: 4, data: new Uint8Array(48) }))
  const edit = (refs: readonly ImageRef[]) =>
    failure(editor.edit({ images: refs, plan: 'remove the cup', seed: 0 }, { signal }))
  expect(await edit([torn])).toEqual(['DDA_IMAGE_INVALID', 'bad-input'])
  expect(await edit([small])).toEqual(['DDA_IMAGE_SIZE', 'bad-input'])
})

test('it stops when the run is aborted, and refuses work before it is opened', async () => {
  const { editor, source } = await opened()
  const request = { images: [source], plan: 'remove the cup', seed: 0 }
  await expect(editor.edit(request, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  expect(await failure(tabletopEditor({ fingerprint: 'test' }).edit(request, { signal }))).toEqual([
    'DDA_ROLE_CLOSED',
    undefined,
  ])
})
