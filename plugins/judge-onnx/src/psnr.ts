import type { PixelPair } from './ssim.ts'

/**
 * Peak signal-to-noise ratio in dB: 10 log₁₀(255² / MSE), the mean squared error over the three channels of all compared
 * pixels. Infinity for equal pixels; undefined where none is compared.
 */
export function psnr({ source, edited, compared }: PixelPair): number | undefined {
  let sum = 0
  let count = 0
  for (let i = 0; i < source.length; i += 3) {
    if (compared !== undefined && compared[i / 3] === 0) continue
    for (let channel = 0; channel < 3; channel++) {
      sum += ((source[i + channel] as number) - (edited[i + channel] as number)) ** 2
    }
    count += 3
  }
  return count === 0 ? undefined : 10 * Math.log10((255 * 255) / (sum / count))
}
