import { Type, type Static } from '@dda-thinker/plugin-api'
import { checklistOptions, plannerOptions } from '@dda-thinker/chat-roles'
import { endpointOptions, type EndpointOptions } from '@dda-thinker/endpoints'
import { IMAGE_LIMITS } from '@dda-thinker/pictures'

/** How a model of a provider is had and called; shared by all roles. */
function providerOptions(defaults: { readonly perEndpoint: number; readonly timeoutSeconds: number }) {
  const { endpoints, apiKeyHeader, headers, strategy, ...pool } = endpointOptions(defaults)
  void [endpoints, apiKeyHeader, headers, strategy]
  return {
    /** Package of the provider, installed in the project: `@ai-sdk/openai`. */
    provider: Type.String({ minLength: 1, pattern: String.raw`^[^\s]+$` }),
    /** The provider's name for the model. */
    model: Type.String({ minLength: 1 }),
    /** What the provider is made with (`baseURL`, `region`, `headers` …); a secret by the environment variable that holds it: `{ env: NAME }`. */
    options: Type.Record(Type.String({ minLength: 1 }), Type.Unknown(), { default: {} }),
    /** Export that makes the provider. Default: the one `create…` that the package has. */
    create: Type.Optional(Type.String({ pattern: '^[A-Za-z_$][A-Za-z0-9_$]*$' })),
    /** Method of the provider that makes the model, for example `chat`. Default: `imageModel` or `languageModel` */
    method: Type.Optional(Type.String({ pattern: '^[A-Za-z_$][A-Za-z0-9_$]*$' })),
    /** Options of single calls by provider, as the SDK's `providerOptions`: `{ openai: { quality: high } }`. */
    providerOptions: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()), { default: {} }),
    /** Origins besides that of `options.baseURL` that may be called although they are private addresses. */
    allowedOrigins: Type.Array(Type.String({ minLength: 1 }), { default: [] }),
    ...pool,
  }
}

export const editorOptions = Type.Object(
  {
    ...providerOptions({ perEndpoint: 2, timeoutSeconds: 600 }),
    /** Size of the result: the provider's default if absent; `source` is that of the first source picture. */
    size: Type.Optional(Type.String({ pattern: '^(source|[1-9][0-9]{0,4}x[1-9][0-9]{0,4})$' })),
    /** Aspect ratio, for models that take it instead of a size. */
    aspectRatio: Type.Optional(Type.String({ pattern: '^[1-9][0-9]*:[1-9][0-9]*$' })),
    /** Whether to send the seed; models without seeds are named in the log. */
    seed: Type.Boolean({ default: true }),
    /** How repeatable the model is; hosted ones rarely are. */
    determinism: Type.Union([Type.Literal('bitwise'), Type.Literal('visual'), Type.Literal('none')], {
      default: 'none',
    }),
    /** Characters of a plan. Default: no limit is known. */
    promptLimit: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Source pictures that the model takes. */
    maxImages: Type.Integer({ minimum: 1, maximum: 64, default: 1 }),
    /** Take a result although the provider says that it rewrote the plan. */
    allowRewriting: Type.Boolean({ default: false }),
    /** Largest result, width × height. */
    maxPixels: Type.Integer({ minimum: 1, maximum: IMAGE_LIMITS.pixels, default: IMAGE_LIMITS.pixels }),
    /** Largest result, encoded bytes. */
    maxImageBytes: Type.Integer({ minimum: 1, maximum: IMAGE_LIMITS.bytes, default: IMAGE_LIMITS.bytes }),
  },
  { additionalProperties: false },
)

export const thinkerOptions = Type.Object(
  {
    ...providerOptions({ perEndpoint: 8, timeoutSeconds: 600 }),
    ...plannerOptions({ maxTokens: 4096 }),
  },
  { additionalProperties: false },
)

export const judgeOptions = Type.Object(
  {
    ...providerOptions({ perEndpoint: 8, timeoutSeconds: 300 }),
    ...checklistOptions(),
    /** One call for a whole checklist, or one for each item. */
    ask: Type.Union([Type.Literal('checklist'), Type.Literal('item')], { default: 'checklist' }),
    /** Have the provider hold the model to the JSON schema of the answer. */
    structured: Type.Boolean({ default: true }),
    /** Tokens of an answer, reasoning included. */
    maxTokens: Type.Integer({ minimum: 1, default: 4096 }),
  },
  { additionalProperties: false },
)

export type EditorOptions = Static<typeof editorOptions>
export type ThinkerOptions = Static<typeof thinkerOptions>
export type JudgeOptions = Static<typeof judgeOptions>

/** What all roles share. */
export type ModelOptions = Pick<
  EditorOptions,
  'provider' | 'model' | 'options' | 'create' | 'method' | 'providerOptions' | 'allowedOrigins' | 'timeoutSeconds'
> &
  Omit<EndpointOptions, 'endpoints' | 'apiKeyHeader' | 'headers' | 'strategy'>

/** The pool of the one thing that is called; its name stands where others have a URL. */
export function poolOptions(options: ModelOptions): EndpointOptions {
  return { ...options, endpoints: [serviceName(options)], apiKeyHeader: 'authorization', strategy: 'least-outstanding' }
}

/** `@ai-sdk/openai gpt-image-1` */
export function serviceName({ provider, model }: Pick<ModelOptions, 'provider' | 'model'>): string {
  return `${provider} ${model}`
}
