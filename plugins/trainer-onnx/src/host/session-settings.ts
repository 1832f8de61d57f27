import { availableParallelism } from 'node:os'
import type { PolicyConfig } from '../policy/config.ts'
import { parameterCount } from '../policy/parameters.ts'
import type { LearnerSettings } from '../protocol/settings.ts'
import type { PolicyOptions } from './options.ts'

/** Weights from which on a worker gains more than it costs to start and to talk to. */
const WORTH_A_WORKER = 250_000
/** Each has sessions of its own, of some hundred megabytes together. */
const MOST_WORKERS = 4

/** How the network is run. Nothing of it changes what comes out, so none of it belongs in a fingerprint. */
export function sessionSettings(options: PolicyOptions, config: PolicyConfig): LearnerSettings['session'] {
  const { provider, threads, spin } = options
  return {
    provider,
    workers: options.workers ?? defaultWorkers(options, config),
    threads,
    samplingThreads: options.samplingThreads ?? threads,
    spin,
  }
}

/** Options without those that change nothing of what comes out, for fingerprints. */
export function decisive(options: PolicyOptions): object {
  return { ...options, workers: null, threads: null, samplingThreads: null, spin: null }
}

function defaultWorkers({ provider, threads }: PolicyOptions, config: PolicyConfig): number {
  if (provider !== 'cpu' || parameterCount(config) < WORTH_A_WORKER) return 1
  return Math.max(1, Math.min(MOST_WORKERS, Math.floor(availableParallelism() / threads)))
}
