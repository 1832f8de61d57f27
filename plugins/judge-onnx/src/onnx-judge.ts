import { createHash } from 'node:crypto'
import {
  RoleFrame,
  type CallOptions,
  type ChecklistItem,
  type ImageRef,
  type Judge,
  type JudgeRequest,
  type RoleContext,
  type Scope,
  type Verdict,
} from '@dda-thinker/plugin-api'
import { ComputingThread } from './computing-thread.ts'
import { errors } from './errors.ts'
import { Measuring, SizeCounts } from './measure.ts'
import { hashModel } from './model-hash.ts'
import type { OnnxJudgeOptions } from './options.ts'
import { fetchPicture, type Picture } from './picture.ts'
import { settingsOf, type Settings } from './settings.ts'

interface Opened {
  readonly context: RoleContext
  readonly thread: ComputingThread
}

/** Answers visual items by measuring: SSIM, PSNR, and cosines of a user's own image encoder. */
export class OnnxJudge implements Judge {
  readonly scopes: readonly Scope[] = ['visual']
  readonly concurrency: number
  readonly #settings: Settings
  readonly #resolvePath: (path: string) => string
  #hashes: Readonly<Record<string, string>> = {}
  readonly #counts = new SizeCounts()
  readonly #frame = new RoleFrame<Opened>({
    role: 'judge-onnx',
    end: async ({ context, thread }) => {
      const { summary } = this.#counts
      if (summary !== undefined) context.log.warn(`judge-onnx: ${summary}`)
      await thread.close()
    },
  })

  /** @throws DdaError `DDA_JUDGE_ONNX_OPTIONS`, `DDA_JUDGE_CHECK` */
  constructor(options: OnnxJudgeOptions, resolvePath: (path: string) => string) {
    this.#settings = settingsOf(options)
    this.#resolvePath = resolvePath
    this.concurrency = options.concurrency
  }

  /** Everything that changes a verdict: checks by question, bounds, preparation, and the weights of the models by hash. */
  get fingerprint(): string {
    const { models, thresholds, questions, otherSize, aspectTolerance, provider } = this.#settings.options
    const rest = {
      thresholds,
      questions,
      otherSize,
      aspectTolerance,
      provider,
      models: Object.entries(models).map(([name, { file: _where, ...model }]) => ({
        name,
        ...model,
        ...this.#settings.preprocessing.get(name),
      })),
    }
    const settings = createHash('sha256').update(JSON.stringify(rest)).digest('hex').slice(0, 12)
    const weights = Object.fromEntries(Object.entries(this.#hashes).map(([name, hash]) => [name, hash.slice(0, 12)]))
    return `judge-onnx/1 ${JSON.stringify({ settings, weights })}`
  }

  async open(context: RoleContext): Promise<void> {
    const { models, provider, threads } = this.#settings.options
    const files = Object.entries(models).map(([name, model]) => ({
      name,
      ...model,
      file: this.#resolvePath(model.file),
    }))
    const hashes = await Promise.all(files.map(async ({ name, file }) => [name, await hashModel(name, file)] as const))
    this.#hashes = Object.fromEntries(hashes)
    const loads = files.map(({ name, file, input, output, pool }) => ({
      name,
      file,
      input,
      output,
      pool,
      provider,
      threads,
    }))
    await this.#frame.open(
      () => ({ context, thread: new ComputingThread() }),
      async ({ thread }) => {
        if (loads.length > 0) await thread.do('load', loads, context.signal)
      },
    )
  }

  answers(item: ChecklistItem): boolean {
    return this.#settings.checkOf(item) !== undefined
  }

  /** An item without a check of its own is `unsure`: this judge reads no questions. */
  async judge(request: JudgeRequest, { signal }: CallOptions): Promise<readonly Verdict[]> {
    signal.throwIfAborted()
    const { context, thread } = this.#frame.held
    if (request.scope !== 'visual') {
      throw errors.make('DDA_JUDGE_SCOPE/onnx', { scope: request.scope }, { kind: 'bad-input' })
    }
    const { maxImageBytes: maxBytes, maxImagePixels: maxPixels } = this.#settings.options
    const decode = (image: ImageRef): Promise<Picture> => fetchPicture(context.images, image, { maxBytes, maxPixels })
    const measuring = new Measuring({ request, settings: this.#settings, thread, decode, signal, counts: this.#counts })
    const judge = this.fingerprint
    return Promise.all(
      request.items.map(async (item): Promise<Verdict> => {
        const check = this.#settings.checkOf(item)
        const answer =
          check === undefined
            ? ({ answer: 'unsure', reason: 'the item has no check that this judge can make' } as const)
            : await measuring.measure(this.#settings.measurementOf(item, check))
        return { itemId: item.id, judge, ...answer }
      }),
    )
  }

  close(): Promise<void> {
    return this.#frame.close()
  }
}
