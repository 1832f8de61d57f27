import type { Scope } from '@dda-thinker/plugin-api'
import { checkEndpointUrls } from '@dda-thinker/endpoints'
import { mergeFields, type Fields } from '@dda-thinker/endpoints/chat'
import { errors } from './errors.ts'
import type { JudgeOptions } from './options.ts'
import { REASON_LIMIT, verdictSchema } from '@dda-thinker/chat-roles'

/** Options that were checked against each other, with what follows from them. */
export interface Settings {
  readonly options: JudgeOptions
  readonly endpoints: readonly string[]
  readonly scopes: readonly Scope[]
  readonly ask: 'checklist' | 'item'
  readonly temperature: number
}

const VERDICT_TOKENS = 2048
/** Room for a leading line break or space; everything after the first word is wasted. */
const SOFT_TOKENS = 8

/** @throws DdaError `DDA_JUDGE_OPTIONS`, `DDA_ENDPOINT_URL`, `DDA_CHAT_PARAM` */
export function settingsOf(options: JudgeOptions): Settings {
  const { endpoint, endpoints, score, ask, samples, temperature, scope } = options
  const urls = [...(endpoint === undefined ? [] : [endpoint]), ...(endpoints ?? [])]
  if ((endpoint === undefined) === (endpoints === undefined)) {
    throw errors.make('DDA_JUDGE_OPTIONS/endpoints')
  }
  if (score === 'logprobs' && ask === 'checklist') {
    throw errors.make('DDA_JUDGE_OPTIONS/ask')
  }
  if (score === 'verdict' && samples > 1 && temperature === 0) {
    throw errors.make('DDA_JUDGE_OPTIONS/temperature', { samples })
  }
  checkEndpointUrls(urls)
  const settings: Settings = {
    options,
    endpoints: urls,
    scopes: scope === 'both' ? ['cognitive', 'visual'] : [scope],
    ask: ask ?? (score === 'logprobs' ? 'item' : 'checklist'),
    temperature,
  }
  requestFields(settings, { attempt: 0, sample: 0, schema: {} })
  return settings
}

/** Ways to hold to a schema that only vLLM has, whose grammars know `maxLength`. */
const OF_VLLM: ReadonlySet<JudgeOptions['structured']> = new Set(['structured_outputs', 'guided_json'])

/** What an answer to so many questions must look like. */
export function schemaOf({ options }: Settings, count: number): object {
  const { reasons, structured, reasonLimit = OF_VLLM.has(structured) ? REASON_LIMIT : undefined } = options
  return verdictSchema(count, reasons, reasonLimit)
}

/** Everything of a request's body but its messages. */
export function requestFields(
  { options, temperature }: Settings,
  asked: { readonly attempt: number; readonly sample: number; readonly schema: object },
): Fields {
  const { attempt, sample, schema } = asked
  const { model, samples, seed, score, maxTokens, retryTemperature, topLogprobs, params, answerAfter } = options
  const soft = score === 'logprobs'
  const own = {
    model,
    temperature: attempt === 0 ? temperature : Math.max(temperature, retryTemperature),
    // Repetitions must not repeat another sample's seed.
    seed: seed + sample + attempt * samples,
    // A model that thinks aloud needs room for that before its one word.
    max_tokens: maxTokens ?? (soft && answerAfter === undefined ? SOFT_TOKENS : VERDICT_TOKENS),
    ...(soft ? { logprobs: true, top_logprobs: topLogprobs } : structure(options.structured, schema)),
  }
  return mergeFields(own, params)
}

function structure(way: JudgeOptions['structured'], schema: object): Fields {
  const ways: Readonly<Record<JudgeOptions['structured'], Fields>> = {
    json_schema: { response_format: { type: 'json_schema', json_schema: { name: 'verdicts', strict: true, schema } } },
    // vLLM from 0.12 on; before that guided_json (vLLM documentation, "Structured Outputs").
    structured_outputs: { structured_outputs: { json: schema } },
    guided_json: { guided_json: schema },
    json_object: { response_format: { type: 'json_object' } },
    none: {},
  }
  return ways[way]
}
