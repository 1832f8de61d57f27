import { ENDINGS } from '../../columns/run-columns.ts'

const TYPES = ['image/png', 'image/jpeg', 'image/webp']

/** The name under which a picture is served. */
export function pictureFile({ hash, mediaType }: { readonly hash: string; readonly mediaType: string }): string {
  return `${hash}.${ENDINGS[TYPES.indexOf(mediaType)] ?? 'png'}`
}
