import { promises, writeFileSync, writeSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { type Files, nodeFiles } from '@dda-thinker/store'

function noSpace(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28 })
}

/** A file system with room for so many bytes; then every write fails as on a full disk, the last one in its middle. */
export function fullDisk(): { readonly files: Files; room: number } {
  const disk = { room: Number.POSITIVE_INFINITY, files: undefined as unknown as Files }
  const spend = (bytes: number): number => {
    if (disk.room <= 0) throw noSpace()
    const fits = Math.min(bytes, disk.room)
    disk.room -= fits
    return fits
  }
  const limited = (handle: FileHandle): FileHandle =>
    new Proxy(handle, {
      get(target, key) {
        if (key === 'write') {
          return async (bytes: Uint8Array, from: number) => target.write(bytes, from, spend(bytes.length - from))
        }
        if (key === 'writeFile') {
          return async (data: string | Uint8Array) => {
            const bytes = Buffer.from(data)
            const fits = spend(bytes.length)
            await target.writeFile(bytes.subarray(0, fits))
            if (fits < bytes.length) throw noSpace()
          }
        }
        const value: unknown = Reflect.get(target, key, target)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
  const open = (async (...args: Parameters<Files['open']>) => limited(await promises.open(...args))) as Files['open']
  const files: Files = {
    ...nodeFiles,
    open,
    writeFileSync: (path, bytes) => {
      const fits = spend(bytes.length)
      writeFileSync(path, bytes.subarray(0, fits))
      if (fits < bytes.length) throw noSpace()
    },
    writeSync: (file, bytes, from) => writeSync(file, bytes, from, spend(bytes.length - from)),
  }
  return Object.assign(disk, { files })
}
