import { Type, type Static } from '@dda-thinker/plugin-api'
import { FORMATS } from './formats.ts'

const name = Type.String({ minLength: 1 })
const names = Type.Union([name, Type.Array(name, { minItems: 1 })])

/** Which column holds what; `a.b` is a field inside a column. What is not named is looked for under its usual names. */
const COLUMNS = Type.Object(
  {
    image: Type.Optional(names),
    instruction: Type.Optional(name),
    id: Type.Optional(name),
    category: Type.Optional(name),
    subtask: Type.Optional(name),
    reference: Type.Optional(name),
    referenceImage: Type.Optional(name),
    checklist: Type.Optional(name),
    demonstration: Type.Optional(name),
    split: Type.Optional(name),
  },
  { additionalProperties: false },
)

export const OPTIONS = Type.Object(
  {
    path: Type.Union([name, Type.Array(name, { minItems: 1 })], {
      description: 'File or folder, or a list of them; relative to the config.',
    }),
    format: Type.Union(
      ['auto', 'columns', ...Object.keys(FORMATS)].map((format) => Type.Literal(format)),
      { default: 'auto', description: 'Whose files these are; `columns` goes by names of columns alone.' },
    ),
    columns: Type.Object(COLUMNS.properties, { additionalProperties: false, default: {} }),
    imageRoot: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Where paths of pictures start, and may not leave. Default: the folder of the data file.',
      }),
    ),
    category: Type.String({ minLength: 1, default: 'general', description: 'Of rows that name none.' }),
    heldOut: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.1,
      description: 'Share of source pictures whose rows are held out, where neither a column nor the layout says it.',
    }),
    urls: Type.Boolean({ default: false, description: 'Fetch pictures that rows name by URL.' }),
    allowedOrigins: Type.Array(name, {
      default: [],
      description: 'Private origins that pictures may be fetched from.',
    }),
    maxImageBytes: Type.Integer({ minimum: 1, default: 50 * 1024 * 1024 }),
  },
  { additionalProperties: false },
)

export type DatasetOptions = Omit<Static<typeof OPTIONS>, 'format'> & { readonly format: string }
export type Columns = Static<typeof COLUMNS>
