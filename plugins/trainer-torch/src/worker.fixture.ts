import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PythonWorker, testPython, type PythonWorkerOptions } from '@dda-thinker/python-worker'
import type { Connect, Connection, GivenTrainerOptions } from './index.ts'

/* The real worker and a tiny model of the real classes, for suites with many trainers. */

/** Interpreter of the shared environment; undefined: skip by name. */
export const python = testPython()

const folder = mkdtempSync(join(tmpdir(), 'dda-torch-test-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** Where {@link buildModel} puts a model. */
export const modelFolder = (family: string): string => join(folder, family)

/** Builds a model of a family of Hugging Face, a few thousand random weights, with its processor. */
export function buildModel(family = 'qwen2_5_vl'): string {
  const script = fileURLToPath(new URL('../python/tests/tiny_model.py', import.meta.url))
  execFileSync(python ?? 'python3', [script, modelFolder(family), family], { stdio: 'pipe', env: environment() })
  return modelFolder(family)
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' }
}

/** Options that make the tiny model quick and every number repeatable. */
export const TINY = {
  model: modelFolder('qwen2_5_vl'),
  ...(python !== undefined && { python }),
  device: 'cpu',
  threads: 1,
  maxPlan: 6,
  gradientCheckpointing: false,
  freezeVision: false,
  learningRate: 1e-2,
} as const satisfies GivenTrainerOptions

interface Warm {
  readonly worker: PythonWorker
  prepare: PythonWorkerOptions['prepare']
  failure: PythonWorkerOptions['failure']
}

/**
 * Hands out processes that have served a trainer before: importing PyTorch takes longer than most checks. `open` makes
 * everything anew in them. {@link closeAll} ends them.
 */
export class WarmWorkers {
  readonly #all: Warm[] = []
  readonly #idle: Warm[] = []

  readonly connect: Connect = (options): Connection => {
    const warm = this.#idle.pop() ?? this.#make(options)
    warm.prepare = options.prepare
    warm.failure = options.failure
    let prepared: Promise<unknown> | undefined
    const { worker } = warm
    const ready = (): Promise<unknown> => {
      // A fresh process prepares itself when it starts, one that runs already is told to.
      prepared ??= worker.hello === undefined ? worker.start() : Promise.resolve(options.prepare?.(asProcess(worker)))
      return prepared
    }
    return {
      get hello() {
        return worker.hello
      },
      start: async (signal) => {
        await ready()
        return worker.start(signal)
      },
      request: async (method, params, more) => {
        await ready()
        return worker.request(method, params, more)
      },
      close: async () => {
        if (!this.#idle.includes(warm)) this.#idle.push(warm)
      },
    }
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#all.map(({ worker }) => worker.close()))
  }

  #make(options: PythonWorkerOptions): Warm {
    const warm: Warm = {
      prepare: undefined,
      failure: undefined,
      worker: new PythonWorker({
        ...options,
        prepare: async (process) => warm.prepare?.(process),
        failure: (failure) => warm.failure?.(failure),
      }),
    }
    this.#all.push(warm)
    return warm
  }
}

function asProcess(worker: PythonWorker): Parameters<NonNullable<PythonWorkerOptions['prepare']>>[0] {
  return {
    hello: worker.hello,
    request: worker.request.bind(worker),
  } as unknown as Parameters<NonNullable<PythonWorkerOptions['prepare']>>[0]
}
