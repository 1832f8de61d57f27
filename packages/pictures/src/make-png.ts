import { encodePng } from './encode-png.ts'

export type Rgb = readonly [red: number, green: number, blue: number]

/**
 * A real PNG (8-bit RGB) of a picture given pixel by pixel.
 * @param pixel colour at column x and row y, each channel 0–255. Default: white.
 */
export function makePng(size: {
  readonly width: number
  readonly height: number
  readonly pixel?: (x: number, y: number) => Rgb
}): Uint8Array {
  const { width, height, pixel = (): Rgb => [255, 255, 255] } = size
  const data = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set(pixel(x, y), 3 * (y * width + x))
  }
  return encodePng({ width, height, data })
}
