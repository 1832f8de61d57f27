import { checkEndpointUrls } from '@dda-thinker/endpoints'
import { mergeFields, type Fields } from '@dda-thinker/endpoints/chat'
import { errors } from './errors.ts'
import type { ThinkerOptions } from './options.ts'
import { plannerHash } from '@dda-thinker/chat-roles'

/** @throws DdaError `DDA_THINKER_OPTIONS`, `DDA_ENDPOINT_URL`, `DDA_CHAT_PARAM` */
export function endpointsOf(options: ThinkerOptions): readonly string[] {
  const { endpoint, endpoints, tags } = options
  if ((endpoint === undefined) === (endpoints === undefined)) {
    throw errors.make('DDA_THINKER_OPTIONS/endpoints')
  }
  if (tags.reasoning === tags.plan) throw errors.make('DDA_THINKER_OPTIONS/tags')
  const urls = endpoint === undefined ? (endpoints ?? []) : [endpoint]
  checkEndpointUrls(urls)
  requestFields(options, { seed: 0, temperature: 1 })
  return urls
}

/** Everything of a request's body but its messages. A greedy request has no use for a seed, and sends none. */
export function requestFields(
  { model, maxTokens, params }: ThinkerOptions,
  { seed, temperature }: { readonly seed: number; readonly temperature: number },
): Fields {
  const own = { model, temperature, max_tokens: maxTokens }
  // 31 bits are what every server takes.
  if (temperature > 0) return mergeFields({ ...own, seed: seed % 2 ** 31 }, params)
  const { seed: unused, ...rest } = params
  void unused
  return mergeFields(own, rest)
}

/** Everything that changes the plans: model, prompt, format, decoding, and what the servers say they serve. */
export function fingerprintOf(options: ThinkerOptions, server: string | undefined): string {
  const { tags, planLimit, answerAfter, detail, maxPixels, temperature, maxTokens, params, model } = options
  const sent = Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const decoding = { model, temperature, maxTokens, params: Object.fromEntries(sent) }
  const format = { tags: [tags.reasoning, tags.plan], planLimit, answerAfter }
  return `thinker-chat/1 ${JSON.stringify({ prompt: plannerHash(options), format, detail, maxPixels, decoding, server })}`
}
