import type { detailsOf, ErrorKey } from '@dda-thinker/plugin-api'
import type { ModelSettings } from './embed.ts'
import type { PixelPair } from './ssim.ts'

/** Work of the computing thread, by name. */
export interface Work {
  load: { readonly args: readonly ModelSettings[]; readonly result: null }
  ssim: { readonly args: PixelPair; readonly result: number | undefined }
  psnr: { readonly args: PixelPair; readonly result: number | undefined }
  embed: {
    readonly args: { readonly model: string; readonly data: Float32Array; readonly dims: readonly number[] }
    readonly result: Float64Array
  }
  close: { readonly args: null; readonly result: null }
}

export type WorkName = keyof Work

export interface WorkRequest<N extends WorkName = WorkName> {
  readonly id: number
  readonly name: N
  readonly args: Work[N]['args']
}

/** An error as plain data, so that it keeps its code when it crosses the thread boundary. */
export interface PackedError {
  readonly message: string
  readonly stack: string | undefined
  /** Of a {@link DdaError}, with all that its table says. */
  readonly code?: ErrorKey
  readonly details?: ReturnType<typeof detailsOf>
}

export type WorkAnswer = { readonly id: number } & ({ readonly result: unknown } | { readonly error: PackedError })
