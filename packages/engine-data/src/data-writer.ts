import type { Sample } from '@dda-thinker/plugin-api'
import type { EnginePrompt } from './engine-prompt.ts'

export type EngineFormat = 'verl' | 'trl' | 'openrlhf'

/** One file of samples of one split. */
export interface DataWriter {
  readonly file: string
  write(sample: Sample, index: number): Promise<void>
  commit(): Promise<unknown>
  /** Leaves the older file as it was. */
  discard(): Promise<void>
}

/** What a writer needs to know. */
export interface WriterSetting {
  readonly folder: string
  /** Without ending. */
  readonly name: 'train' | 'held-out'
  readonly prompt: EnginePrompt
  /** The policy sees the source pictures. */
  readonly pictures: boolean
  /** Bytes of a source picture, as the store keeps it, and the name of its file. */
  readonly picture: (image: Sample['images'][number]) => Promise<{ readonly bytes: Uint8Array; readonly path: string }>
}
