import { fileURLToPath } from 'node:url'
import { projectSuite } from '@dda-thinker/testkit'
import { test, vi } from 'vitest'

vi.setConfig({ testTimeout: 900_000 })

// The configuration as it stands, on a few samples, in a temporary folder: what is in data/ and runs/ is not touched.
projectSuite({
  test,
  dir: fileURLToPath(new URL('..', import.meta.url)),
  set: ['synthesize.count={train: 8, held-out: 4}', 'train.samplesPerStep=4', 'train.groupSize=2', 'train.steps=2'],
  commands: [['synthesize'], ['curate'], ['train'], ['eval']],
})
