import { errors } from '../errors.ts'

/**
 * The result of a command; where the process has nothing left to do while it is due, the end that this amounts to. Node would leave
 * with status 13 and no word.
 *
 * @throws DdaError `DDA_PLUGIN_STUCK` out of the call that never settles, or `DDA_NEVER_ENDED` where it is none of a plugin's
 */
export async function untilDrained<T>(work: () => Promise<T>): Promise<T> {
  let onDrained: (() => void) | undefined
  try {
    return await new Promise<T>((resolve, reject) => {
      onDrained = () => {
        // Keeps the process until this has had its effects; where there are none, Node asks again.
        setImmediate(() => {
          void Promise.all([import('@dda-thinker/core'), import('@dda-thinker/config')]).then(([core, config]) => {
            if (core.abandonPending()) return
            const file = config.moduleBeingLoaded()
            const code = file === undefined ? 'DDA_NEVER_ENDED' : 'DDA_NEVER_ENDED/module'
            reject(errors.make(code, { file: file ?? '' }, file === undefined ? {} : { location: file }))
          }, reject)
        })
      }
      process.on('beforeExit', onDrained)
      work().then(resolve, reject)
    })
  } finally {
    if (onDrained !== undefined) process.off('beforeExit', onDrained)
  }
}
