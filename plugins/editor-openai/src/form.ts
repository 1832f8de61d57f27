import type { EditRequest } from '@dda-thinker/plugin-api'
import { requestFields, type FormField } from '@dda-thinker/endpoints'
import type { ImageInfo } from '@dda-thinker/pictures'
import { editorPrompt } from '@dda-thinker/plan-text'
import { DIALECTS } from './dialect.ts'
import type { EditorOptions } from './options.ts'

/** Fields with options of their own, or that this Editor never sends. */
const RESERVED = ['prompt', 'image', 'image[]', 'n', 'seed', 'size', 'stream', 'url', 'url[]', 'mask']

export interface SourceImage extends ImageInfo {
  readonly bytes: Uint8Array
}

/** The text fields that do not depend on the request, by the names of the server; part of the fingerprint. */
export type FixedFields = Readonly<Record<string, string>>

/**
 * Works out which fields are sent with every request.
 * @throws DdaError `DDA_EDITOR_PARAM` for fields that are not `params`, and for names that collide
 */
export function fixedFields({ dialect, model, params, rename }: EditorOptions): FixedFields {
  const base = { ...(model === undefined ? {} : { model }), ...DIALECTS[dialect].fields }
  const { known } = DIALECTS[dialect]
  const fields = requestFields({
    base,
    params,
    rename,
    reserved: RESERVED,
    known: known === undefined ? undefined : { server: dialect, fields: known },
  })
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]))
}

/** Everything the server is sent, in the order OpenAI's own SDK uses: files first. */
export function formOf(
  request: EditRequest,
  images: readonly SourceImage[],
  fixed: FixedFields,
  options: EditorOptions,
): readonly FormField[] {
  const { rename, size, imageField } = options
  const named = imageField === 'auto' ? (images.length === 1 ? 'image' : 'image[]') : imageField
  const [first] = images
  const wanted = size === 'source' && first !== undefined ? `${first.width}x${first.height}` : size
  const seeded = options.seed ?? DIALECTS[options.dialect].seed
  const texts: [string, string | undefined][] = [
    ['prompt', editorPrompt(request.plan)],
    ['n', '1'],
    ['size', wanted],
    ['seed', seeded ? String(request.seed) : undefined],
  ]
  return [
    ...images.map((image, i) => ({
      name: rename[named] ?? named,
      bytes: image.bytes,
      filename: `image-${i + 1}.${image.mediaType.slice('image/'.length)}`,
      mediaType: image.mediaType,
    })),
    ...texts.flatMap(([name, text]) => (text === undefined ? [] : [{ name: rename[name] ?? name, text }])),
    ...Object.entries(fixed).map(([name, text]) => ({ name, text })),
  ]
}
