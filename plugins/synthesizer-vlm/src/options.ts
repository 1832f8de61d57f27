import { Type, type Static } from '@dda-thinker/plugin-api'
import { endpointOptions } from '@dda-thinker/endpoints'

const { endpoints, ...pool } = endpointOptions({ perEndpoint: 8, timeoutSeconds: 300 })
const path = Type.String({ minLength: 1 })

const GENERATOR = Type.Object(
  {
    ...endpointOptions({ perEndpoint: 2, timeoutSeconds: 1800 }),
    model: Type.Optional(
      Type.String({ minLength: 1, description: 'Text-to-image model to ask for; servers of one model need none.' }),
    ),
    pictures: Type.Integer({ minimum: 1, description: 'Pictures to draw, at most.' }),
    path: Type.String({
      minLength: 1,
      pattern: '^[^/?#][^?#]*$',
      default: 'images/generations',
      description: 'Route below the base URL.',
    }),
    size: Type.String({ pattern: '^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$', default: '1024x1024' }),
    seed: Type.Boolean({ default: true, description: 'Whether to send a seed; OpenAI’s own models refuse it.' }),
    params: Type.Record(Type.String({ minLength: 1 }), Type.Unknown(), {
      default: {},
      description: 'Further fields of the request; null leaves one out: `response_format: null`.',
    }),
    maxImageBytes: Type.Integer({ minimum: 1, default: 20_971_520, description: 'Largest picture that is taken.' }),
    identity: Type.Union([Type.Literal('server'), Type.Literal('config')], {
      default: 'server',
      description: 'As of the synthesizer.',
    }),
  },
  { additionalProperties: false },
)

export type GeneratorOptions = Static<typeof GENERATOR>

export const OPTIONS = Type.Object(
  {
    endpoint: Type.Optional(
      Type.String({ minLength: 1, description: 'Base URL of the one server, ending in /v1 for most.' }),
    ),
    endpoints: Type.Optional(endpoints),
    ...pool,
    model: Type.String({ minLength: 1, description: 'Vision-language model to ask for, as the server lists it.' }),
    images: Type.Optional(
      Type.Union([path, Type.Array(path, { minItems: 1 })], {
        description: 'Folder of source pictures, or a list of them. Default: none; for `dda checklist` alone.',
      }),
    ),
    generator: Type.Optional(
      Type.Unsafe<GeneratorOptions>({
        ...GENERATOR,
        description: 'A service that draws source pictures from scenes that the model describes. Default: none.',
      }),
    ),
    perImage: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 2,
      description: 'Instructions asked for a picture, at most.',
    }),
    taxonomy: Type.Optional(
      Type.String({ minLength: 1, description: 'File of the kinds of reasoning. Default: the one of the plugin.' }),
    ),
    prompts: Type.Optional(
      Type.String({ minLength: 1, description: 'Folder with prompts in place of those of the plugin, by file name.' }),
    ),
    decontaminate: Type.Array(path, {
      default: [],
      description: 'Official files or folders of benchmarks whose instructions and pictures must not be in the data.',
    }),
    maxItems: Type.Integer({
      minimum: 1,
      maximum: 20,
      default: 6,
      description: 'Checklist items of a scope, at most.',
    }),
    minItems: Type.Integer({
      minimum: 1,
      maximum: 20,
      default: 1,
      description: 'Items of each scope that must pass their checks, the visual ones of aspect change.',
    }),
    alreadyPassing: Type.Union([Type.Literal('drop'), Type.Literal('preservation')], {
      default: 'drop',
      description:
        'What becomes of an item of a change that the untouched picture passes: dropped, or marked as preservation.',
    }),
    similarity: Type.Number({
      minimum: 0.1,
      maximum: 1,
      default: 0.8,
      description: 'Share of words and pairs of words from which on two instructions are duplicates.',
    }),
    itemSimilarity: Type.Number({
      minimum: 0.1,
      maximum: 1,
      default: 0.75,
      description: 'Share of content words from which on two items of a scope are duplicates.',
    }),
    leakWords: Type.Integer({
      minimum: 2,
      default: 6,
      description: 'Words in a row that an item may not have from the reference alone.',
    }),
    ngram: Type.Integer({
      minimum: 3,
      default: 8,
      description:
        'Words in a row shared with an instruction of a benchmark that make one of its own; shorter ones count whole.',
    }),
    stockPhrase: Type.Integer({
      minimum: 2,
      default: 3,
      description:
        'Five words in a row that so many different instructions of benchmarks share, or more, are a stock phrase: a run ' +
        'of `ngram` words counts with two words outside of them.',
    }),
    imageDistance: Type.Integer({
      minimum: 0,
      maximum: 64,
      default: 16,
      description: 'Bits of 128 in which the perceptual hashes of near duplicates differ, at most.',
    }),
    batch: Type.Integer({
      minimum: 1,
      maximum: 1024,
      default: 16,
      description: 'Tasks worked on together; part of what the same seed repeats.',
    }),
    temperature: Type.Number({
      minimum: 0,
      maximum: 2,
      default: 0.7,
      description: 'For writing; checks are asked at 0.',
    }),
    maxTokens: Type.Integer({ minimum: 1, default: 2048, description: 'Tokens of an answer.' }),
    answerAttempts: Type.Integer({
      minimum: 1,
      maximum: 10,
      default: 3,
      description: 'Times an unreadable answer is asked for in all.',
    }),
    structured: Type.Union([Type.Literal('json_object'), Type.Literal('none')], {
      default: 'json_object',
      description: 'How the server is held to JSON.',
    }),
    answerAfter: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Only what follows the last of these is read, for models that think aloud: `</think>`.',
      }),
    ),
    params: Type.Record(Type.String({ minLength: 1 }), Type.Unknown(), {
      default: {},
      description: 'Further fields of the request; null leaves one of the plugin’s own out.',
    }),
    detail: Type.Optional(
      Type.Union([Type.Literal('auto'), Type.Literal('low'), Type.Literal('high')], {
        description: 'How closely hosted models look at pictures.',
      }),
    ),
    maxPixels: Type.Integer({
      minimum: 1024,
      default: 2_097_152,
      description: 'Pictures with more pixels, width × height, are made smaller before they are sent.',
    }),
    maxImageBytes: Type.Integer({
      minimum: 1,
      default: 20_971_520,
      description: 'Largest picture that is read and sent.',
    }),
    identity: Type.Union([Type.Literal('server'), Type.Literal('config')], {
      default: 'server',
      description:
        'Whether answers are kept under what `GET models` says (`server`) or under the configuration alone (`config`).',
    }),
  },
  { additionalProperties: false },
)

export type VlmSynthesizerOptions = Static<typeof OPTIONS>
