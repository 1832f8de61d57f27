import { expect, test } from 'vitest'
import { psnr } from './psnr.ts'
import { comparedPixels, pixelsOf } from './region.ts'
import { meanSsim, type PixelPair } from './ssim.ts'

const [WIDTH, HEIGHT] = [40, 32]

/** Formulas of whole numbers, so that any language draws the same pictures. */
function draw(value: (x: number, y: number, channel: number) => number): Uint8Array {
  const data = new Uint8Array(3 * WIDTH * HEIGHT)
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      for (let c = 0; c < 3; c++) data[3 * (y * WIDTH + x) + c] = Math.min(255, Math.max(0, value(x, y, c)))
    }
  }
  return data
}
const base = (x: number, y: number, c: number) => (x * 7 + y * 13 + x * y * (c + 1) + c * 40) % 256
const noisy = (amount: number) => (x: number, y: number, c: number) =>
  base(x, y, c) + amount * (((x * 5 + y * 3 + c) % 17) - 8)
const source = draw(base)
const pair = (edited: Uint8Array, more: Partial<PixelPair> = {}): PixelPair => ({
  source,
  edited,
  width: WIDTH,
  height: HEIGHT,
  ...more,
})

/*
 * Reference values: scikit-image 0.26.0 on the same pictures,
 *   structural_similarity(luma(a), luma(b), gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255)
 *   peak_signal_noise_ratio(a, b, data_range=255)
 * which its documentation names as the match for Wang et al. 2004; masked ones from its full map by numpy, over the windows
 * without a pixel of x < 16, y < 12.
 */
test.each([
  { amount: 1, ssim: 0.995548684661, masked: 0.995932856073, db: 34.405039462722, dbMasked: 34.404695294813 },
  { amount: 6, ssim: 0.872461077018, masked: 0.879802852154, db: 19.233872984273, dbMasked: 19.247650782046 },
])('SSIM and PSNR are those of scikit-image (noise × $amount)', ({ amount, ssim, masked, db, dbMasked }) => {
  const edited = draw(noisy(amount))
  expect(meanSsim(pair(edited))).toBeCloseTo(ssim, 9)
  expect(psnr(pair(edited))).toBeCloseTo(db, 9)
  const compared = comparedPixels(WIDTH, HEIGHT, { ignore: [[0, 0, 16 / WIDTH, 12 / HEIGHT]] })
  expect(meanSsim(pair(edited, { compared: compared as Uint8Array }))).toBeCloseTo(masked, 9)
  expect(psnr(pair(edited, { compared: compared as Uint8Array }))).toBeCloseTo(dbMasked, 9)
})

test('equal pictures have SSIM 1 and infinite PSNR', () => {
  expect(meanSsim(pair(source))).toBe(1)
  expect(psnr(pair(source))).toBe(Infinity)
})

test('nothing of what is left out bleeds in, whatever is drawn there', () => {
  const box = [0.3, 0.25, 0.2, 0.25] as const
  const { left, right, top, bottom } = pixelsOf([...box], WIDTH, HEIGHT, true)
  const inside = (x: number, y: number) => x >= left && x < right && y >= top && y < bottom
  const edited = draw((x, y, c) => (inside(x, y) ? 255 - base(x, y, c) : base(x, y, c)))
  const compared = comparedPixels(WIDTH, HEIGHT, { ignore: [[...box]] }) as Uint8Array
  expect(meanSsim(pair(edited))).toBeLessThan(0.95)
  expect(meanSsim(pair(edited, { compared }))).toBe(1)
  expect(psnr(pair(edited, { compared }))).toBe(Infinity)
})

test('where no window fits there is no value, and not a number', () => {
  const compared = new Uint8Array(WIDTH * HEIGHT)
  expect(meanSsim(pair(source, { compared }))).toBeUndefined()
  expect(psnr(pair(source, { compared }))).toBeUndefined()
  const thin = { source: source.slice(0, 3 * 10 * 40), edited: source.slice(0, 3 * 10 * 40), width: 40, height: 10 }
  expect(meanSsim(thin)).toBeUndefined()
})

test('pixels cut by the edge of a box are not compared, on either side of it', () => {
  expect([...(comparedPixels(4, 1, { ignore: [[0.3, 0, 0.3, 1]] }) ?? [])]).toEqual([1, 0, 0, 1])
  expect([...(comparedPixels(4, 1, { within: [[0.3, 0, 0.7, 1]] }) ?? [])]).toEqual([0, 0, 1, 1])
  // Floating point must not make a box touch its neighbour: 0.1 + 0.2 > 0.3.
  expect([...(comparedPixels(10, 1, { ignore: [[0.1, 0, 0.2, 1]] }) ?? [])]).toEqual([1, 0, 0, 1, 1, 1, 1, 1, 1, 1])
  expect([...(comparedPixels(2, 1, { mask: Uint8Array.of(127, 128) }) ?? [])]).toEqual([0, 1])
  expect(comparedPixels(4, 4, {})).toBeUndefined()
})
