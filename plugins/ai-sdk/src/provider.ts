import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Secret } from '@dda-thinker/endpoints'
import { errors } from './errors.ts'
import type { ModelOptions } from './options.ts'

/** Makes a model of the configured provider, with a `fetch` of ours. */
export type MakeModel<Model> = (fetch: typeof globalThis.fetch) => Model

type Creator = (options: Readonly<Record<string, unknown>>) => unknown

/**
 * Loads the provider's package from the project (`from` is a file beside its config) and gives what makes the model.
 * @param method of the provider, where the options name none
 * @throws DdaError `DDA_AI_SDK_PROVIDER`, `DDA_ENDPOINT_KEY_MISSING`; what is given throws `DDA_AI_SDK_MODEL`
 */
export async function loadModel<Model>(
  options: ModelOptions,
  from: string,
  method: 'imageModel' | 'languageModel',
): Promise<MakeModel<Model>> {
  const { provider, model } = options
  const create = creatorIn(await load(provider, from), options)
  const settings = settingsOf(options)
  return (fetch) => {
    const made = attempt(
      () => create({ ...settings, fetch }) as Readonly<Record<string, unknown>>,
      (why) => errors.make('DDA_AI_SDK_PROVIDER/made', { provider, why }, STOPS),
    )
    const name = options.method ?? method
    const make = made[name]
    const what = method === 'imageModel' ? 'images' : 'texts'
    if (typeof make !== 'function')
      throw errors.make('DDA_AI_SDK_PROVIDER/method', { provider, method: name, what }, STOPS)
    return attempt(
      () => make.call(made, model) as Model,
      (why) => errors.make('DDA_AI_SDK_MODEL', { provider, model, why }, STOPS),
    )
  }
}

/** Nothing works until a person acts. */
const STOPS = { kind: 'unavailable', stopsRun: true } as const

async function load(provider: string, from: string): Promise<Readonly<Record<string, unknown>>> {
  const install = provider.startsWith('@ai-sdk/') ? `${provider}@^3` : provider
  let file: string
  try {
    file = createRequire(from).resolve(provider)
  } catch {
    throw errors.make('DDA_AI_SDK_PROVIDER/missing', { provider, from, install }, STOPS)
  }
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw errors.make('DDA_AI_SDK_PROVIDER/broken', { provider, why: messageOf(error), install }, STOPS)
  }
}

function creatorIn(module: Readonly<Record<string, unknown>>, { provider, create }: ModelOptions): Creator {
  const inner = module['default']
  const exported = { ...(typeof inner === 'object' ? inner : {}), ...module }
  const named = Object.entries(exported).filter(
    ([name, value]) =>
      typeof value === 'function' && (create === undefined ? /^create[A-Z]/.test(name) : name === create),
  )
  const functions = [...new Set(named.map(([, value]) => value as Creator))]
  const [only] = functions
  if (only !== undefined && functions.length === 1) return only
  const names = named.map(([name]) => name)
  const found = names.length > 0 ? `several exports (${names.join(', ')})` : 'no export'
  throw errors.make('DDA_AI_SDK_PROVIDER/create', { provider, found }, STOPS)
}

/** With the key, and with what environment variables hold in the place of their names. */
function settingsOf({ apiKeyEnv, options }: ModelOptions): Readonly<Record<string, unknown>> {
  const key = Secret.fromEnv(apiKeyEnv)
  const filled = withSecrets(options) as Readonly<Record<string, unknown>>
  return key === undefined ? filled : { ...filled, apiKey: key.reveal() }
}

function withSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSecrets)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [first] = entries
  if (entries.length === 1 && first?.[0] === 'env' && typeof first[1] === 'string')
    return Secret.fromEnv(first[1])?.reveal()
  return Object.fromEntries(entries.map(([name, one]) => [name, withSecrets(one)]))
}

function attempt<T>(work: () => T, failed: (why: string) => Error): T {
  try {
    return work()
  } catch (error) {
    throw failed(messageOf(error))
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 300) ?? ''
}
