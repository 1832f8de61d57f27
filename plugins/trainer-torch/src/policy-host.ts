import {
  contractErrors,
  type DdaError,
  type CallOptions,
  type Logger,
  type Plan,
  type PlanRequest,
  type PlanResult,
  type RoleContext,
  type ThinkerInput,
} from '@dda-thinker/plugin-api'
import { ImageFiles, type HeldImages } from '@dda-thinker/python-worker'
import { errors } from './errors.ts'
import { EventQueue } from './event-queue.ts'
import { readPlan } from '@dda-thinker/plan-text'
import type { PlanEvent, PolicyState, WirePlan, WirePlanRequest, WirePrompt } from './protocol.ts'
import { isDeath, TorchWorker, type TorchWorkerOptions } from './torch-worker.ts'
import { toError } from './worker-failure.ts'

/** How plans name the policy that made them. */
export interface PlanIdentity {
  readonly fingerprint: (state: PolicyState) => string
  /** Plans of a frozen policy are of version 0. */
  readonly versioned: boolean
}

/** An open policy: the worker that runs it and the pictures that it reads. */
export class PolicyHost {
  readonly worker: TorchWorker
  readonly #images: ImageFiles
  readonly #options: TorchWorkerOptions['options']
  readonly #log: Logger

  private constructor(worker: TorchWorker, images: ImageFiles, options: TorchWorkerOptions['options'], log: Logger) {
    this.worker = worker
    this.#images = images
    this.#options = options
    this.#log = log
  }

  static async open(
    given: Omit<TorchWorkerOptions, 'seed' | 'log'>,
    { images, seed, log, signal }: RoleContext,
  ): Promise<PolicyHost> {
    const worker = await TorchWorker.open({ ...given, seed, log }, signal)
    return new PolicyHost(worker, await ImageFiles.open(images), given.options, log)
  }

  async close(): Promise<void> {
    await this.worker.close()
    await this.#images.close()
  }

  /** Prompts of inputs, by sample id, while the work runs: their pictures are files for so long. */
  async withPrompts<T>(
    inputs: readonly ThinkerInput[],
    work: (prompts: ReadonlyMap<string, WirePrompt>) => Promise<T>,
  ): Promise<T> {
    const held: HeldImages[] = []
    try {
      const prompts = new Map<string, WirePrompt>()
      for (const input of inputs) {
        const images = await this.#images.hold(input.images)
        held.push(images)
        prompts.set(input.id, promptOf(input, images))
      }
      return await work(prompts)
    } finally {
      for (const images of held) await images.release()
    }
  }

  /**
   * Plans as they finish; a request that cannot be planned yields its error. Where the worker dies and the policy can be
   * had again, a new one writes what is missing: a plan depends on its request and the weights alone.
   */
  async *plan(
    requests: readonly PlanRequest[],
    { signal }: CallOptions,
    identity: PlanIdentity,
  ): AsyncGenerator<PlanResult> {
    signal.throwIfAborted()
    const open = new Map(requests.map((request) => [request.id, request]))
    if (open.size === 0) return
    const held: HeldImages[] = []
    const leaving = new AbortController()
    const wire = new Map<string, WirePlanRequest>()
    try {
      for (const request of requests) {
        try {
          const images = await this.#images.hold(request.input.images)
          held.push(images)
          const temperature = temperatureOf(request, this.#options)
          wire.set(request.id, {
            id: request.id,
            prompt: promptOf(request.input, images),
            seed: request.seed,
            temperature,
          })
        } catch (error) {
          open.delete(request.id)
          yield { id: request.id, error }
        }
      }
      for (let deaths = 0; open.size > 0;) {
        const both = AbortSignal.any([signal, leaving.signal])
        const missing = [...open.keys()].flatMap((id) => wire.get(id) ?? [])
        try {
          for await (const event of this.#events(missing, both)) {
            if ('warning' in event) {
              this.#log.warn(event.warning)
              continue
            }
            const request = open.get(event.id)
            if (request === undefined) continue
            open.delete(event.id)
            yield 'error' in event ? failedPlan(event) : { id: event.id, plan: this.#toPlan(request, event, identity) }
          }
        } catch (error) {
          signal.throwIfAborted()
          if (!isDeath(error) || !this.worker.recoverable || ++deaths > 1) {
            yield* failAll(open, error)
            return
          }
          continue
        }
        if (open.size > 0) yield* failAll(open, incomplete())
        return
      }
    } finally {
      leaving.abort()
      for (const images of held) await images.release()
    }
  }

  async *#events(requests: readonly WirePlanRequest[], signal: AbortSignal): AsyncGenerator<PlanEvent> {
    const queue = new EventQueue<PlanEvent>()
    const onEvent = (data: unknown): void => queue.push(data as PlanEvent)
    this.worker.call('plan', { requests }, { signal, onEvent }).then(
      () => queue.end(),
      (error: unknown) => queue.fail(error),
    )
    yield* queue
  }

  #toPlan(request: PlanRequest, wire: WirePlan, identity: PlanIdentity): Plan {
    const { text, ended, reserved, ids, logProbs, values, ends } = wire
    const temperature = temperatureOf(request, this.#options)
    return {
      id: request.id,
      sampleId: request.input.id,
      ...readPlan(text, { tags: this.#options.tags, ended, specialTokens: reserved }),
      thinker: identity.fingerprint(wire),
      policyVersion: identity.versioned ? wire.policyVersion : 0,
      seed: request.seed,
      tokens: { ids, logProbs, ends, temperature, ...(values !== null && { values }) },
    }
  }
}

/** Of the request; where it names none, a frozen policy has an option, and one under training writes at 1. */
function temperatureOf(request: PlanRequest, options: TorchWorkerOptions['options']): number {
  return request.temperature ?? ('temperature' in options ? options.temperature : 1)
}

function promptOf({ id, instruction }: ThinkerInput, { images }: HeldImages): WirePrompt {
  return { sampleId: id, instruction, images }
}

function failedPlan({ id, error }: Extract<PlanEvent, { readonly error: unknown }>): PlanResult {
  return { id, error: toError(error) ?? new Error(error.message) }
}

function* failAll(open: Map<string, PlanRequest>, error: unknown): Generator<PlanResult> {
  for (const id of open.keys()) yield { id, error }
  open.clear()
}

function incomplete(): DdaError {
  return errors.make('DDA_WORKER_FAILED/plans', {}, { kind: 'plugin-error' })
}

/** @throws DdaError `DDA_ROLE_CLOSED` */
export function opened(host: PolicyHost | undefined, role: string): PolicyHost {
  if (host !== undefined) return host
  throw contractErrors.make('DDA_ROLE_CLOSED/used', { role: `${role} torch` })
}
