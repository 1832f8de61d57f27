import { generateText, jsonSchema, type LanguageModel, type ModelMessage, Output } from 'ai'
import type { ChatAnswer, Message, Part } from '@dda-thinker/endpoints/chat'
import type { Cost } from '@dda-thinker/plugin-api'
import { callErrors } from './errors.ts'
import type { ModelCall, ModelHeld, ModelService } from './model-service.ts'

export interface ChatRequest extends Omit<ModelCall, 'sent'> {
  readonly messages: readonly Message[]
  readonly temperature: number
  /** Not sent where the request is greedy and asked once. */
  readonly seed?: number
  readonly maxTokens: number
  /** JSON schema that the answer is held to. Default: text */
  readonly schema?: object
  readonly providerOptions: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** One completion, read as those of chat servers are. @throws EndpointError */
export async function completeWith<Extra extends object>(
  service: ModelService<LanguageModel, Extra>,
  { session, context, model }: ModelHeld<LanguageModel>,
  request: ChatRequest,
): Promise<ChatAnswer> {
  const { messages, temperature, seed, maxTokens, schema, providerOptions, signal, input } = request
  const sent = messages.flatMap(textsOf)
  const system = messages.filter(({ role }) => role === 'system').flatMap(textsOf)
  return service.run(session, { signal, input, sent }, async (abortSignal, bill) => {
    const result = await generateText({
      model,
      system: system.join('\n\n'),
      messages: messages.filter(({ role }) => role === 'user').map(userMessage),
      temperature,
      ...(seed === undefined ? {} : { seed }),
      maxOutputTokens: maxTokens,
      maxRetries: 0,
      abortSignal,
      providerOptions: providerOptions as NonNullable<Parameters<typeof generateText>[0]['providerOptions']>,
      ...(schema === undefined ? {} : { output: textHeldTo(schema) }),
    })
    const { usage, finishReason, text, reasoningText = '', warnings } = result
    const cost: Cost = {
      ...(usage.inputTokens === undefined ? {} : { inputTokens: usage.inputTokens }),
      ...(usage.outputTokens === undefined ? {} : { outputTokens: usage.outputTokens }),
    }
    bill(cost)
    service.warn(warnings, context)
    if (finishReason === 'content-filter') {
      const words = text === '' ? '' : `: ${session.redactor.excerpt(text, 160)}`
      throw callErrors.make('DDA_CHAT_REFUSED/ai-sdk', { service: service.name, words }, { kind: 'refusal' })
    }
    const cut = finishReason === 'length'
    if (text.trim() === '' && (reasoningText !== '' || (usage.outputTokenDetails?.reasoningTokens ?? 0) > 0)) {
      const details = { kind: 'bad-output', transient: !cut } as const
      throw callErrors.make('DDA_CHAT_ONLY_REASONING/ai-sdk', { service: service.name }, details)
    }
    return { text, cut, cost }
  })
}

/** The provider holds the model to the schema; what comes back is read by us, strictly. */
function textHeldTo(schema: object) {
  const held = Output.object({ schema: jsonSchema(schema as Parameters<typeof jsonSchema>[0]) })
  return { ...held, parseCompleteOutput: async ({ text }: { readonly text: string }) => text as never }
}

function userMessage({ content }: Message): ModelMessage {
  if (typeof content === 'string') return { role: 'user', content }
  return { role: 'user', content: content.map(partOf) }
}

/** Pictures as bytes: nothing is ever fetched by anybody's URL. */
function partOf(part: Part) {
  if (part.type === 'text') return { type: 'text' as const, text: part.text }
  const [head = '', image = ''] = part.image_url.url.split(',', 2)
  return { type: 'image' as const, image, mediaType: /^data:([^;]+)/.exec(head)?.[1] ?? 'image/png' }
}

function textsOf({ content }: Message): readonly string[] {
  return typeof content === 'string' ? [content] : content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
}
