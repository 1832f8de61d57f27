import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.ts'
import { sharedTransforms } from './test/support/shared-transforms.ts'

// Tests and the editor run on sources: every workspace package exports them under this condition, so no build is needed.
const conditions = ['@dda-thinker/source', 'node', 'import', 'module', 'default']

/** Tests of a package or plugin lie beside what they test; those of the whole product in test/. */
const UNITS = ['packages/*/src/**/*.test.ts', 'plugins/*/src/**/*.test.ts']
/** Tests that need a process of their own: because they replace modules, or start processes and change what those start in. */
const ISOLATED = [
  '{packages,plugins}/*/src/**/*.isolated.test.ts',
  'test/**/*.isolated.test.ts',
  'packages/python-worker/src/**/*.test.ts',
  'plugins/trainer-torch/src/**/*.test.ts',
  'plugins/editor-diffusers/src/**/*.test.ts',
]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    reporters: ['default', './scripts/closing-line-reporter.mjs'],
    // Tests wait for events; these say when to give up on one, on a machine that has much else to do.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    pool: 'forks',
    experimental: sharedTransforms(),
    // Two more than there are processors: many tests wait for servers, deadlines and the processes they kill.
    maxWorkers: availableParallelism() + 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'process',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...ISOLATED],
          globalSetup: ['test/support/own-temporary-folder.ts', 'test/support/warm-python.ts'],
          // One process loads the code under test once, for all files: most of their time was loading.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'isolated',
          include: ISOLATED,
          globalSetup: ['test/support/own-temporary-folder.ts', 'test/support/warm-python.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          include: UNITS,
          globalSetup: ['test/support/own-temporary-folder.ts'],
          exclude: [...configDefaults.exclude, ...ISOLATED],
          isolate: false,
        },
      },
    ],
  },
})
