import { createHash } from 'node:crypto'
import { API_VERSION, canonicalJson, definePlugin, definePluginSet, THINKER, TRAINER } from '@dda-thinker/plugin-api'
import { checkOptions, settleTrainer } from './host/check-options.ts'
import { completeTrainerOptions, learnerSettings, thinkerOptions, trainerOptions } from './host/options.ts'
import { PolicySource } from './host/policy-source.ts'
import { FrozenThinker } from './host/frozen-thinker.ts'
import { decisive } from './host/session-settings.ts'
import { createOnnxTrainer } from './host/trainer.ts'

export { createOnnxTrainer, type LabelledPicture, type OnnxTrainer } from './host/trainer.ts'
export {
  thinkerOptions,
  trainerOptions,
  type PartialTrainerOptions,
  type ThinkerOptions,
  type TrainerOptions,
} from './host/options.ts'
export { BASE_VOCABULARY, BASE_WEIGHTS } from './host/policy-source.ts'
export { Tokenizer, type Decoded } from './policy/tokenizer.ts'
export { parseVocabulary, readVocabulary, Vocabulary, type VocabularyFile } from './policy/vocabulary.ts'
export { buildVocabulary, type VocabularyOptions } from './policy/vocabulary-builder.ts'

export default definePluginSet({
  trainer: definePlugin({
    name: 'trainer-onnx',
    apiVersion: API_VERSION,
    options: trainerOptions,
    settle: settleTrainer,
    setup(api, options) {
      checkOptions(completeTrainerOptions(options))
      api.provide(TRAINER, () => createOnnxTrainer(options, (path) => api.resolvePath(path)))
    },
  }),
  thinker: definePlugin({
    name: 'thinker-onnx',
    apiVersion: API_VERSION,
    options: thinkerOptions,
    setup(api, options) {
      api.provide(THINKER, () => {
        const source = new PolicySource(options, (path) => api.resolvePath(path))
        const decoding = createHash('sha256')
          .update(canonicalJson(decisive(options)))
          .digest('hex')
          .slice(0, 12)
        return new FrozenThinker(
          source,
          (seed) => learnerSettings(completeTrainerOptions(options), source.config, seed),
          (weights) => `thinker-onnx:${decoding}:${weights}`,
          options.temperature,
        )
      })
    },
  }),
})
