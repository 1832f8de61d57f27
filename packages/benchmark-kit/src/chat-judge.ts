import { createHash } from 'node:crypto'
import { checkEndpointUrls, endpointOptions, identifyModel, ServiceFrame } from '@dda-thinker/endpoints'
import { askMadeUp, complete, mergeFields, picturePart, textPart } from '@dda-thinker/endpoints/chat'
import {
  Type,
  type BenchmarkJudge,
  type BenchmarkPreset,
  type CallOptions,
  type RoleContext,
  type ShownPart,
  type Static,
  withDefaults,
} from '@dda-thinker/plugin-api'

/** Options of the judge of a benchmark: any chat server with pictures. */
export const JUDGE_OPTIONS = Type.Object(
  {
    ...endpointOptions({ perEndpoint: 8, timeoutSeconds: 180 }),
    model: Type.Optional(Type.String({ minLength: 1, description: 'Default: the model of the official script.' })),
    temperature: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 2,
        description: 'Default: that of the official script, or none where it sets none.',
      }),
    ),
    maxTokens: Type.Optional(Type.Integer({ minimum: 1, description: 'Default: that of the official script.' })),
    params: Type.Record(Type.String({ minLength: 1 }), Type.Unknown(), {
      default: {},
      description: 'Further fields of the request; null leaves one of the plugin’s own out.',
    }),
    detail: Type.Optional(
      Type.Union([Type.Literal('auto'), Type.Literal('low'), Type.Literal('high')], {
        description: 'How closely hosted models look at pictures.',
      }),
    ),
    maxPixels: Type.Optional(
      Type.Integer({
        minimum: 1024,
        description:
          'Pictures with more pixels, width × height, are made smaller before they are sent. Default: none, as in the official script.',
      }),
    ),
    maxImageBytes: Type.Integer({ minimum: 1, default: 20_971_520, description: 'Largest picture that is sent.' }),
    identity: Type.Union([Type.Literal('server'), Type.Literal('config')], {
      default: 'server',
      description: 'Whether the fingerprint holds what `GET models` says, or the configuration alone.',
    }),
  },
  { additionalProperties: false },
)

export type JudgeOptions = Static<typeof JUDGE_OPTIONS>

/** Asks a chat server in words and pictures, and gives back its words. Settings that are not given are the official ones. */
export class ChatJudge implements BenchmarkJudge {
  readonly concurrency: number
  readonly #frame: ServiceFrame
  readonly #options: JudgeOptions
  readonly #fields: Readonly<Record<string, unknown>>

  /** @throws DdaError `DDA_ENDPOINT_URL`, `DDA_CHAT_PARAM` */
  constructor(name: string, given: Pick<JudgeOptions, 'endpoints'> & Partial<JudgeOptions>, official: BenchmarkPreset) {
    const options = withDefaults<JudgeOptions>(JUDGE_OPTIONS, given)
    checkEndpointUrls(options.endpoints)
    const { model = official.model, temperature = official.temperature, maxTokens = official.maxTokens } = options
    this.#options = options
    this.#fields = mergeFields(
      { model, max_tokens: maxTokens, ...(temperature === undefined ? {} : { temperature }) },
      options.params,
    )
    this.concurrency = options.endpoints.length * options.perEndpoint
    this.#frame = new ServiceFrame({
      name,
      options,
      model,
      session: { maxBodyBytes: 16 * 1024 * 1024 },
      identify: options.identity === 'server' ? identifyModel(model) : undefined,
      trial: async ({ session, context: { signal } }) => {
        const text = await askMadeUp(session, this.#fields, signal)
        return [`asked about a made-up picture, it said "${session.redactor.excerpt(text, 80)}"`]
      },
    })
  }

  /** Everything that changes its answers; never where the servers are. */
  get fingerprint(): string {
    const { detail, maxPixels } = this.#options
    const fields = Object.entries({
      ...this.#fields,
      detail,
      ...(maxPixels === undefined ? {} : { maxPixels }),
    }).toSorted(([a], [b]) => (a < b ? -1 : 1))
    const settings = createHash('sha256').update(JSON.stringify(fields)).digest('hex').slice(0, 12)
    const shown = { model: this.#fields['model'], settings, server: this.#frame.identity }
    return `chat-judge/1 ${JSON.stringify(shown)}`
  }

  open(context: RoleContext): Promise<void> {
    return this.#frame.open(context)
  }

  close(): Promise<void> {
    return this.#frame.close()
  }

  diagnose(context: RoleContext) {
    return this.#frame.diagnose(context)
  }

  async ask(parts: readonly ShownPart[], { signal }: CallOptions): Promise<string> {
    signal.throwIfAborted()
    const { context, session } = this.#frame.held
    const { detail, maxImageBytes, maxPixels } = this.#options
    const picture = { imageUuid: false, maxImageBytes, maxPixels, ...(detail === undefined ? {} : { detail }) }
    const content = await Promise.all(
      parts.map(async (part) => ('text' in part ? textPart(part.text) : picturePart(context, part.image, picture))),
    )
    const { text } = await complete(session, { messages: [{ role: 'user', content }], fields: this.#fields, signal })
    return text
  }
}
