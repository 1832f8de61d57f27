import type { ModelOptions } from './options.ts'
import { cropPicture, padPicture, resizePicture, type Picture } from './picture.ts'

/** A model's options with what its preset says for those left out. */
export interface Preprocessing extends Pick<ModelOptions, 'fit' | 'kernel' | 'layout' | 'channels'> {
  readonly size: number
  readonly resize: number
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

/**
 * `clip`: OpenAI CLIP's own (openai/CLIP, `_transform`): 224 on the shortest side, centre, bicubic.
 * `dino`: DINOv2 (facebookresearch/dinov2, `make_classification_eval_transform`): 256, centre 224, bicubic, ImageNet statistics.
 */
const PRESETS = {
  clip: {
    size: 224,
    resize: 224,
    mean: [0.48145466, 0.4578275, 0.40821073],
    std: [0.26862954, 0.26130258, 0.27577711],
  },
  dino: { size: 224, resize: 256, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
} as const

export function preprocessingOf(options: ModelOptions): Preprocessing {
  const { preset, size, resize, mean, std, fit, kernel, layout, channels } = options
  const base = PRESETS[preset]
  const side = size ?? base.size
  // The preset's margin around the centre, at the size asked for.
  const around = resize ?? Math.round((side * base.resize) / base.size)
  return {
    size: side,
    resize: Math.max(side, around),
    mean: mean ?? base.mean,
    std: std ?? base.std,
    fit,
    kernel,
    layout,
    channels,
  }
}

/** The mean as a colour, 0–255: what is painted where a model is to see nothing. */
export function meanColour({ mean }: Pick<Preprocessing, 'mean'>): readonly number[] {
  return mean.map((value) => Math.round(255 * value))
}

/** Picture → the model's input, `[1, 3, size, size]` (or `[1, size, size, 3]`), float32. */
export async function toTensor(
  picture: Picture,
  settings: Preprocessing,
): Promise<{ readonly data: Float32Array; readonly dims: readonly number[] }> {
  const { size, mean, std, layout, channels } = settings
  const { data } = await toSquare(picture, settings)
  const planar = layout === 'nchw'
  const out = new Float32Array(3 * size * size)
  for (let channel = 0; channel < 3; channel++) {
    const from = channels === 'rgb' ? channel : 2 - channel
    const [m, s] = [mean[channel] as number, std[channel] as number]
    for (let i = 0; i < size * size; i++) {
      const value = ((data[3 * i + from] as number) / 255 - m) / s
      out[planar ? channel * size * size + i : 3 * i + channel] = value
    }
  }
  return { data: out, dims: planar ? [1, 3, size, size] : [1, size, size, 3] }
}

async function toSquare(picture: Picture, settings: Preprocessing): Promise<Picture> {
  const { size, resize, fit, kernel } = settings
  if (fit === 'stretch') return resizePicture(picture, { width: size, height: size, kernel })
  if (fit === 'pad') {
    const longest = Math.max(picture.width, picture.height)
    return padPicture(await scaled(picture, size / longest, kernel), size, meanColour(settings))
  }
  const large = await scaled(picture, resize / Math.min(picture.width, picture.height), kernel)
  const [left, top] = [Math.round((large.width - size) / 2), Math.round((large.height - size) / 2)]
  return cropPicture(large, { left, top, width: size, height: size })
}

function scaled(picture: Picture, factor: number, kernel: Preprocessing['kernel']): Promise<Picture> {
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * factor)))
  return resizePicture(picture, { width: width as number, height: height as number, kernel })
}
