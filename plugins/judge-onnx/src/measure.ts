import { type DdaError, type ImageRef, type Verdict, type VisualRequest } from '@dda-thinker/plugin-api'
import { maskOf, type Measurement } from './check.ts'
import type { ComputingThread } from './computing-thread.ts'
import { cosine } from './embed.ts'
import { errors } from './errors.ts'
import { cropPicture, greyAt, resizePicture, type Picture } from './picture.ts'
import { meanColour, toTensor } from './preprocess.ts'
import { comparedPixels, pixelsOf } from './region.ts'
import type { Settings } from './settings.ts'
import { SSIM_WINDOW } from './ssim.ts'
import { answerOf } from './verdict.ts'

type Answer = Pick<Verdict, 'answer' | 'probability' | 'reason' | 'unmeasured'>

/** How many comparisons of pixels there were, and what became of pictures of another size. */
export class SizeCounts {
  compared = 0
  resampled = 0
  passedOn = 0

  /** The shares in words; undefined where all pictures had the size of their source. */
  get summary(): string | undefined {
    const { compared, resampled, passedOn } = this
    if (resampled + passedOn === 0) return undefined
    const share = (count: number): string => `${count} (${Math.round((100 * count) / compared)} %)`
    return `of ${compared} comparisons with a source, ${share(resampled)} brought an edited picture of another size to the source’s, ${share(passedOn)} could not be made for its shape and went on to another judge`
  }
}

/** The measurements of one request: each picture is decoded once, whatever is measured on it. */
export class Measuring {
  readonly #request: VisualRequest
  readonly #settings: Settings
  readonly #thread: ComputingThread
  readonly #decode: (image: ImageRef) => Promise<Picture>
  readonly #signal: AbortSignal
  readonly #counts: SizeCounts
  readonly #pictures = new Map<string, Promise<Picture>>()

  constructor(given: {
    readonly request: VisualRequest
    readonly settings: Settings
    readonly thread: ComputingThread
    readonly decode: (image: ImageRef) => Promise<Picture>
    readonly signal: AbortSignal
    readonly counts: SizeCounts
  }) {
    this.#request = given.request
    this.#settings = given.settings
    this.#thread = given.thread
    this.#decode = given.decode
    this.#signal = given.signal
    this.#counts = given.counts
  }

  /** @throws DdaError `DDA_JUDGE_CHECK` for a check that does not fit the pictures, `DDA_IMAGE_*`, `DDA_JUDGE_MODEL` */
  async measure(measurement: Measurement): Promise<Answer> {
    const { source: index = 0, kind } = measurement
    const ref = this.#request.source[index]
    if (ref === undefined)
      throw unfit(kind, `there are ${this.#request.source.length} source pictures, none is ${index}`)
    const [source, edited] = await Promise.all([this.#picture(ref), this.#picture(this.#request.edited)])
    const pair =
      kind === 'similarity' || kind === 'identity' ? { source, edited } : await this.#sameSize(source, edited)
    if (typeof pair === 'string') return { answer: 'unsure', unmeasured: true, reason: pair }
    return answerOf(await this.#value(measurement, pair), measurement)
  }

  async #value(measurement: Measurement, { source, edited }: PicturePair): Promise<number> {
    const { kind } = measurement
    if (kind === 'similarity') return this.#cosine(measurement, source, edited)
    if (kind === 'identity') {
      const { box, editedBox = box } = measurement
      const parts = [cutOut(source, box), cutOut(edited, editedBox)] as const
      return this.#cosine(measurement, await parts[0], await parts[1])
    }
    const { width, height } = source
    const compared = await this.#compared(measurement, width, height)
    if (kind === 'preservation') {
      const name = this.#modelOf(measurement)
      const colour = meanColour(
        this.#settings.preprocessing.get(name) as { readonly mean: readonly [number, number, number] },
      )
      return this.#cosine(measurement, painted(source, compared, colour), painted(edited, compared, colour))
    }
    const pair = {
      source: source.data,
      edited: edited.data,
      width,
      height,
      ...(compared === undefined ? {} : { compared }),
    }
    const value = await this.#thread.do(kind, pair, this.#signal)
    if (value !== undefined) return value
    const fits = kind === 'ssim' ? `no ${SSIM_WINDOW} × ${SSIM_WINDOW} window of it is` : 'none of its pixels are'
    throw unfit(kind, `of the ${width} × ${height} picture ${fits} compared`)
  }

  /** Brought to the source's size; in words where they cannot be compared. */
  async #sameSize(source: Picture, edited: Picture): Promise<PicturePair | string> {
    const { width, height } = source
    this.#counts.compared += 1
    if (edited.width === width && edited.height === height) return { source, edited }
    const { otherSize, aspectTolerance } = this.#settings.options
    const sizes = `the edited picture has ${edited.width} × ${edited.height} pixels, the source ${width} × ${height}`
    const stretch = (edited.width * height) / (edited.height * width)
    if (otherSize === 'pass-on' || Math.abs(Math.log(stretch)) > Math.log1p(aspectTolerance)) {
      this.#counts.passedOn += 1
      return sizes
    }
    this.#counts.resampled += 1
    return { source, edited: await resizePicture(edited, { width, height, kernel: 'lanczos3' }) }
  }

  async #compared(measurement: Measurement, width: number, height: number): Promise<Uint8Array | undefined> {
    const mask = maskOf(measurement)
    const grey = mask === undefined ? undefined : await greyAt(await this.#picture(mask), width, height)
    return comparedPixels(width, height, {
      ...('within' in measurement ? { within: measurement.within } : {}),
      ...('ignore' in measurement ? { ignore: measurement.ignore } : {}),
      ...(grey === undefined ? {} : { mask: grey }),
    })
  }

  async #cosine(measurement: Measurement, a: Picture, b: Picture): Promise<number> {
    const model = this.#modelOf(measurement)
    const embed = async (picture: Picture): Promise<Float64Array> => {
      const settings = this.#settings.preprocessing.get(model)
      if (settings === undefined) throw unfit(measurement.kind, `there is no model "${model}"`)
      return this.#thread.do('embed', { model, ...(await toTensor(picture, settings)) }, this.#signal)
    }
    const [first, second] = await Promise.all([embed(a), embed(b)])
    const value = first.length === second.length ? cosine(first, second) : undefined
    if (value !== undefined) return value
    throw errors.make('DDA_JUDGE_EMBEDDING', { model }, { kind: 'bad-output' })
  }

  #modelOf(measurement: Measurement): string {
    const named = 'model' in measurement ? measurement.model : undefined
    return named ?? (Object.keys(this.#settings.options.models)[0] as string)
  }

  #picture(ref: ImageRef): Promise<Picture> {
    const known = this.#pictures.get(ref.hash)
    if (known !== undefined) return known
    const decoding = this.#decode(ref)
    this.#pictures.set(ref.hash, decoding)
    return decoding
  }
}

interface PicturePair {
  readonly source: Picture
  readonly edited: Picture
}

function cutOut(picture: Picture, box: Parameters<typeof pixelsOf>[0]): Promise<Picture> {
  const { left, top, right, bottom } = pixelsOf(box, picture.width, picture.height, true)
  if (right <= left || bottom <= top) throw unfit('identity', 'its box holds no pixel')
  return cropPicture(picture, { left, top, width: right - left, height: bottom - top })
}

function painted(picture: Picture, compared: Uint8Array | undefined, colour: readonly number[]): Picture {
  const data = Uint8Array.from(picture.data)
  for (let i = 0; i < data.length; i++) if (compared?.[Math.floor(i / 3)] === 0) data[i] = colour[i % 3] as number
  return { ...picture, data }
}

function unfit(kind: string, problem: string): DdaError {
  return errors.make('DDA_JUDGE_CHECK/kind', { kind, problem }, { kind: 'bad-input' })
}
