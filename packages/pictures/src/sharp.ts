import type Sharp from 'sharp'

let loading: Promise<typeof Sharp | undefined> | undefined

/** The decoder, loaded when it is first needed; undefined where it is not installed or has no build for this machine. */
export function sharpIfInstalled(): Promise<typeof Sharp | undefined> {
  loading ??= import('sharp').then(
    (module) => module.default,
    () => undefined,
  )
  return loading
}
