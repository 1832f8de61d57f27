import { resolve } from 'node:path'
import { withDefaults } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import { options, type DiffusersOptions, type GivenDiffusersOptions, type OneDeviceOptions } from './options.ts'

/** @throws DdaError `DDA_CONFIG_INVALID` where options contradict each other */
export function checkOptions({ determinism, batch }: DiffusersOptions): void {
  if (determinism !== 'bitwise' || batch === 1) return
  throw errors.make('DDA_CONFIG_INVALID/determinism', { batch }, { location: 'determinism' })
}

export function complete(given: GivenDiffusersOptions): DiffusersOptions {
  const deadline = withDefaults(options.properties.deadline, given.deadline ?? {})
  return withDefaults<DiffusersOptions>(options, { ...given, deadline })
}

/** Folders are relative to the config; names on the hub are left alone. */
export function absoluteModel(model: string, resolvePath: (path: string) => string): string {
  return /^(?:\.{1,2}(?:[/\\]|$)|[/\\]|[A-Za-z]:[/\\])/.test(model) ? resolve(resolvePath(model)) : model
}

/** One for each process, in the order of `device`. */
export function byDevice({ device, ...rest }: DiffusersOptions): readonly [OneDeviceOptions, ...OneDeviceOptions[]] {
  const [first, ...others] = typeof device === 'string' ? [device] : (device ?? [])
  if (first === undefined) return [rest]
  return [{ ...rest, device: first }, ...others.map((each) => ({ ...rest, device: each }))]
}

/** Options that the worker's `open` reads. */
const SENT = [
  'model',
  'pipeline',
  'revision',
  'variant',
  'dtype',
  'device',
  'offload',
  'deterministic',
  'params',
  'batch',
  'maxImages',
  'pixels',
  'size',
  'cutPlans',
] as const

export function workerSettings(given: OneDeviceOptions): Readonly<Record<string, unknown>> {
  return Object.fromEntries(SENT.map((name) => [name, given[name]] as const).filter(([, value]) => value !== undefined))
}
