import { fileURLToPath } from 'node:url'
import { withDefaults } from '@dda-thinker/plugin-api'
import { externalTrainerSuite } from '@dda-thinker/testkit'
import { describe, test } from 'vitest'
import { trlOptions, type TrlOptions } from './options.ts'
import { TrlTrainer } from './trl-trainer.ts'

// A program in the place of the interpreter. TRL itself is trained with in test/engines.
const python = fileURLToPath(new URL('stand-in-worker.fixture.mjs', import.meta.url))
const options = withDefaults<TrlOptions>(trlOptions, { model: 'm/m', python })

// Its first line names what runs it, which Windows does not read.
describe.skipIf(process.platform === 'win32')('conformance', () => {
  externalTrainerSuite({
    test,
    factory: () => new TrlTrainer(options, (path) => path),
    settings: { streams: ['cognitive', 'visual'].map((name) => ({ name, scopes: [] })) },
    refused: [{ order: 'prioritized' }, { filter: true }, { maxStaleness: 1 }, { groupSize: 1 }, { streams: [] }],
  })
})
