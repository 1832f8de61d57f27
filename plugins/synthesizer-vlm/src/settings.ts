import { checkEndpointUrls } from '@dda-thinker/endpoints'
import { mergeFields, type Fields } from '@dda-thinker/endpoints/chat'
import { badOptions } from './bad-input.ts'
import type { GeneratorOptions, VlmSynthesizerOptions } from './options.ts'

/** Options with what the config's folder and their combination make of them. */
export interface Settings extends VlmSynthesizerOptions {
  readonly endpoints: readonly string[] & string[]
  /** Absolute. */
  readonly folders: readonly string[]
  /** Absolute. */
  readonly benchmarks: readonly string[]
}

/** @throws DdaError `DDA_SYNTHESIS_OPTIONS`, `DDA_ENDPOINT_URL`, `DDA_CHAT_PARAM` */
export function settingsOf(options: VlmSynthesizerOptions, resolvePath: (path: string) => string): Settings {
  const { endpoint, endpoints, images, decontaminate, taxonomy, prompts, minItems, maxItems } = options
  if ((endpoint === undefined) === (endpoints === undefined)) {
    throw badOptions('give either endpoint or endpoints', 'Write endpoint for one server, endpoints for replicas.')
  }
  if (minItems > maxItems) throw badOptions('minItems is above maxItems', 'Lower minItems, or raise maxItems.')
  const urls = endpoint === undefined ? (endpoints ?? []) : [endpoint]
  checkEndpointUrls(urls)
  const settings: Settings = {
    ...options,
    endpoints: urls,
    folders: images === undefined ? [] : [images].flat().map(resolvePath),
    benchmarks: decontaminate.map(resolvePath),
    ...(taxonomy === undefined ? {} : { taxonomy: resolvePath(taxonomy) }),
    ...(prompts === undefined ? {} : { prompts: resolvePath(prompts) }),
  }
  requestFields(settings, { temperature: 0, seed: 0 })
  if (options.generator !== undefined) {
    checkEndpointUrls(options.generator.endpoints)
    generatorFields(options.generator, '', 0)
  }
  return settings
}

/** Everything of a request's body but its messages. */
export function requestFields(
  { model, maxTokens, structured, params }: Settings,
  { temperature, seed }: { readonly temperature: number; readonly seed: number },
): Fields {
  const format = structured === 'none' ? {} : { response_format: { type: 'json_object' } }
  // 31 bits are what every server takes.
  return mergeFields({ model, temperature, max_tokens: maxTokens, seed: seed % 2 ** 31, ...format }, params)
}

/** The request's body of the generator. @throws DdaError `DDA_CHAT_PARAM` */
export function generatorFields(
  { model, size, seed: sendsSeed, params }: GeneratorOptions,
  scene: string,
  seed: number,
) {
  const base = {
    ...(model === undefined ? {} : { model }),
    prompt: scene,
    n: 1,
    size,
    response_format: 'b64_json',
    // 31 bits are what every server takes.
    ...(sendsSeed ? { seed: seed % 2 ** 31 } : {}),
  }
  return mergeFields(base, params)
}
