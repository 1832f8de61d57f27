import { createHash } from 'node:crypto'
import {
  RoleFrame,
  type CallOptions,
  type Editor,
  type EditorCapabilities,
  type EditRequest,
  type EditResult,
  type RoleContext,
} from '@dda-thinker/plugin-api'
import { guardImage } from '@dda-thinker/pictures'
import { editorPrompt } from '@dda-thinker/plan-text'
import { ImageFiles, PythonWorker } from '@dda-thinker/python-worker'
import { errors } from './errors.ts'
import type { DiffusersOptions } from './options.ts'
import { PipelinePool } from './pipeline-pool.ts'
import type { Connect, Opened } from './pipeline-worker.ts'
import { byDevice } from './settings.ts'

export interface DiffusersEditorSetting {
  /** Makes the process. Default: a {@link PythonWorker}. */
  readonly connect?: Connect
}

/** What of the worker's `open` changes pictures; recorded for a replay, which needs no Python. */
type Identity = Pick<Opened, 'pipeline' | 'model' | 'diffusers' | 'dtype'>

interface Open {
  readonly context: RoleContext
  readonly files: ImageFiles
  /** Made on opening; in a replay not before an edit needs it. */
  pool: Promise<PipelinePool> | undefined
}

/** An Editor that is a pipeline of diffusers in a Python process of its own. */
export class DiffusersEditor implements Editor {
  readonly supports: EditorCapabilities
  readonly #options: DiffusersOptions
  readonly #connect: Connect
  #identity: Identity | undefined
  readonly #frame = new RoleFrame<Open>({ role: 'editor-diffusers', end })

  /** @param options with an absolute folder, or a name on the hub, as `model` */
  constructor(
    options: DiffusersOptions,
    { connect = (given) => new PythonWorker(given) }: DiffusersEditorSetting = {},
  ) {
    const { batch, maxImages, determinism, promptLimit } = options
    this.#options = options
    this.#connect = connect
    this.supports = {
      determinism,
      // As many wait as are under way: the next call finds a whole batch.
      concurrency: 2 * batch * byDevice(options).length,
      maxImages,
      ...(promptLimit === undefined ? {} : { promptLimit }),
    }
  }

  /** Everything that changes its pictures, once open: the weights by commit or content, what the pipeline is called with. */
  get fingerprint(): string {
    const { params, pixels, size, cutPlans } = this.#options
    const sorted = Object.fromEntries(Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    return `editor-diffusers/2 ${JSON.stringify({ ...this.#identity, params: sorted, pixels, size, cutPlans })}`
  }

  /** @throws DdaError `DDA_EDITOR_ENVIRONMENT`, `DDA_MODEL_...`, `DDA_EDITOR_PIPELINE`, `DDA_EDITOR_PARAM`, `DDA_WORKER_...` */
  async open(context: RoleContext): Promise<void> {
    const { model, pipeline, revision, variant, dtype } = this.#options
    await this.#frame.open(
      async () => ({ context, files: await ImageFiles.open(context.images), pool: undefined }),
      async (open) => {
        const identify = async (): Promise<Identity> => {
          const found = (await this.#pool(open)).opened
          return { pipeline: found.pipeline, model: found.model, diffusers: found.diffusers, dtype: found.dtype }
        }
        const key = ['diffusers', { model, pipeline, revision, variant, dtype }]
        this.#identity = await (context.recall?.(key, identify) ?? identify())
      },
    )
  }

  /** @throws DdaError as the documentation lists them; the signal's reason */
  async edit(request: EditRequest, { signal }: CallOptions): Promise<EditResult> {
    signal.throwIfAborted()
    const open = this.#frame.held
    const pool = await this.#pool(open)
    const held = await open.files.hold(request.images)
    try {
      const { seed } = request
      const plan = editorPrompt(request.plan)
      const { png, sha256 } = await pool.edit({ images: held.images, plan, seed }, signal)
      if (createHash('sha256').update(png).digest('hex') !== sha256) {
        throw errors.make('DDA_EDITOR_BAD_OUTPUT/pipe', {}, { kind: 'bad-output' })
      }
      await guardImage(png)
      return { bytes: png }
    } finally {
      await held.release()
    }
  }

  close(): Promise<void> {
    return this.#frame.close()
  }

  #pool(open: Open): Promise<PipelinePool> {
    if (open.pool === undefined) {
      const { log, signal } = open.context
      const opening = PipelinePool.open(this.#options, { log, signal, connect: this.#connect })
      open.pool = opening
      // The next edit tries again.
      opening.catch(() => {
        if (open.pool === opening) open.pool = undefined
      })
    }
    return open.pool
  }
}

async function end({ pool, files }: Open): Promise<void> {
  await (await pool?.catch(() => undefined))?.close()
  await files.close()
}
