import { resolve } from 'node:path'
import { API_VERSION, definePlugin, JUDGES, type Judge, withDefaults } from '@dda-thinker/plugin-api'
import { OnnxJudge } from './onnx-judge.ts'
import { modelOptions, options, type ModelOptions, type OnnxJudgeOptions } from './options.ts'
import { settingsOf } from './settings.ts'

/** A judge that measures pictures: SSIM, PSNR, and similarity by a user's own ONNX model. */
export default definePlugin({
  name: 'judge-onnx',
  apiVersion: API_VERSION,
  options,
  setup(api, given) {
    settingsOf(given)
    api.contribute(JUDGES, () => new OnnxJudge(given, (path) => api.resolvePath(path)))
  },
})

/** The judge for use without a config: options not given have their defaults, paths are relative to the working folder. */
export function onnxJudge(
  given: Omit<Partial<OnnxJudgeOptions>, 'models'> & {
    readonly models?: Readonly<Record<string, Partial<ModelOptions> & Pick<ModelOptions, 'file'>>>
  } = {},
): Judge {
  const { models = {}, ...rest } = given
  const complete = Object.fromEntries(
    Object.entries(models).map(([name, one]) => [name, withDefaults<ModelOptions>(modelOptions, one)]),
  )
  return new OnnxJudge(withDefaults<OnnxJudgeOptions>(options, { ...rest, models: complete }), (path) => resolve(path))
}

export type { CheckKind, Measurement } from './check.ts'
export type { ModelOptions, OnnxJudgeOptions } from './options.ts'
export { psnr } from './psnr.ts'
export { meanSsim, SSIM_WINDOW, type PixelPair } from './ssim.ts'
