// The run that tests of the trainer give it.
import { join } from 'node:path'
import { type ExternalJob, withDefaults } from '@dda-thinker/plugin-api'
import { makeTrainingSettings } from '@dda-thinker/testkit'
import { verlOptions, type VerlOptions } from './options.ts'

export const streams = ['cognitive', 'visual', 'format'].map((name) => ({ name, scopes: [] }))
export const settings = makeTrainingSettings({ streams, samples: 10 })
export const need = { model: 'Qwen/Qwen3-VL-8B-Instruct' }
export const options = (given: object = {}): VerlOptions =>
  withDefaults<VerlOptions>(verlOptions, { ...need, ...given })

/** A job whose run is in `root`. */
export function makeJob(root: string, over: Partial<ExternalJob> = {}): ExternalJob {
  return {
    ...settings,
    seed: 7,
    firstStep: 1,
    folder: join(root, 'run/engine'),
    reward: { url: 'http://127.0.0.1:9', token: 'a-token' },
    async *data() {
      yield {
        id: 'train-1',
        images: [],
        instruction: 'Age the fruit.',
        category: 'temporal',
        reference: '',
        checklist: [],
        split: 'train' as const,
        provenance: { plugin: 'test', seed: 0 },
      }
    },
    images: { get: async () => new Uint8Array(), put: () => Promise.reject(new Error('none')), path: () => 'none' },
    ...over,
  }
}
