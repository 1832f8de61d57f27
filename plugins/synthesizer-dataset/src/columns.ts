import type { DdaError } from '@dda-thinker/plugin-api'
import { textOf, type Draft } from './draft.ts'
import { errors } from './errors.ts'
import type { Columns } from './options.ts'
import { looksLikePicture } from './pictures.ts'

type Fields = Readonly<Record<string, unknown>>

/** Names that columns usually have, the surest first. */
const USUAL: Readonly<Record<Exclude<keyof Columns, 'image'>, readonly string[]>> = {
  instruction: [
    'instruction',
    'edit_instruction',
    'edit_prompt',
    'instruction_en',
    'edit_instruction_en',
    'prompt',
    'text',
    'caption',
  ],
  id: ['id', 'key', 'index', 'sample_id', 'uid'],
  category: ['category', 'task_type', 'type', 'task', 'label'],
  subtask: ['subtask', 'sub_task', 'subcategory'],
  reference: ['reference', 'reference_text', 'reference_description', 'description'],
  referenceImage: [
    'referenceImage',
    'reference_image',
    'reference_img',
    'reference_image_path',
    'target_image',
    'target_img',
    'edited_image',
    'edited_img',
    'edited_image_path',
    'output_image',
    'gt_image',
    'gt_img',
    'after_image',
    'target',
    'edited_file_name',
    'reference',
  ],
  checklist: ['checklist', 'questions'],
  demonstration: ['demonstration', 'plan'],
  split: ['split'],
}
type Field = keyof typeof USUAL
const FIELDS = Object.keys(USUAL) as readonly Field[]

const USUAL_IMAGES: readonly string[] = [
  'images',
  'image',
  'source_images',
  'source_image',
  'source',
  'input_image',
  'original_image',
  'src_img',
  'image_path',
  'file_names',
  'file_name',
  'image_url',
  'input',
]

/** Which columns are read for what, as far as the first row settles it. */
export interface Mapping {
  readonly images: readonly string[]
  readonly fields: Readonly<Partial<Record<Field, string>>>
  /** A column that is called as reference pictures are, and holds something else in the first row. */
  readonly noPicture?: string
}

/**
 * @param row the first row; later ones may lack what it has
 * @throws DdaError `DDA_DATASET_COLUMNS` where instruction or pictures cannot be found, or a named column is not there
 */
export function mapColumns(columns: Columns, row: Fields, file: string): Mapping {
  const there = (column: string): boolean => valueAt(row, column) !== undefined
  const require = (column: string): string => {
    if (there(column)) return column
    throw missing(`There is no column "${column}"`, row, file)
  }
  const named = USUAL_IMAGES.filter(there)
  // `source` and `input` are text elsewhere. A path may look like none, so what has the name is better than nothing.
  const usual = named.find((name) => looksLikePicture(valueAt(row, name))) ?? named[0]
  // The exported name of further pictures.
  const more = usual === 'image' && there('more_images') ? ['more_images'] : []
  const images =
    columns.image === undefined ? (usual === undefined ? [] : [usual, ...more]) : [columns.image].flat().map(require)
  if (images.length === 0) throw missing('No column of source pictures was recognised', row, file, 'image')
  const fields: Partial<Record<Field, string>> = {}
  for (const field of FIELDS) {
    const said = columns[field]
    const found = said === undefined ? usualColumn(field, row, images) : require(said)
    if (found !== undefined) fields[field] = found
  }
  if (fields.instruction === undefined)
    throw missing('No column of instructions was recognised', row, file, 'instruction')
  const noPicture =
    fields.referenceImage === undefined
      ? USUAL.referenceImage.find(
          (name) => (valueAt(row, name) ?? '') !== '' && ![...images, ...Object.values(fields)].includes(name),
        )
      : undefined
  return { images, fields, ...(noPicture === undefined ? {} : { noPicture }) }
}

/** The column of a usual name, whose value can be what the field wants: a picture, or for a description none. */
function usualColumn(field: Field, row: Fields, images: readonly string[]): string | undefined {
  return USUAL[field].find((name) => {
    const value = valueAt(row, name)
    if (value === undefined || images.includes(name)) return false
    if (field === 'referenceImage') return looksLikePicture(value)
    return field !== 'reference' || !looksLikePicture(value)
  })
}

export function readColumns({ images, fields }: Mapping, row: Fields): Draft {
  const at = (field: Field): unknown => {
    // Rows of JSON need not all have the same fields: what the first one lacks is looked for in each.
    const column = fields[field] ?? usualColumn(field, row, images)
    return column === undefined ? undefined : valueAt(row, column)
  }
  return {
    images: images.map((column) => valueAt(row, column)),
    instruction: at('instruction'),
    id: at('id'),
    category: at('category'),
    subtask: at('subtask'),
    reference: at('reference'),
    referenceImage: at('referenceImage'),
    checklist: at('checklist'),
    demonstration: at('demonstration'),
    split: at('split'),
  }
}

/** `instruction ← prompt, image ← source`, for the log. */
export function describeMapping({ images, fields, noPicture }: Mapping): string {
  const parts = Object.entries(fields).map(([field, column]) => `${field} ← ${column}`)
  const said = [`images ← ${images.join(' + ')}`, ...parts].join(', ')
  return noPicture === undefined
    ? said
    : `${said}; "${noPicture}" holds no picture here, and is read only where it does: \`referenceImage\` names one for all rows`
}

/** A column, or with dots a field inside one. */
function valueAt(row: Fields, column: string): unknown {
  if (column in row) return row[column] ?? undefined
  let value: unknown = row
  for (const part of column.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Fields)[part]
  }
  return value ?? undefined
}

function missing(problem: string, row: Fields, file: string, option?: string): DdaError {
  const names = Object.keys(row).map((name) => textOf(name) ?? '""')
  const holes = { problem, file, names: names.join(', ') || 'none' }
  return option === undefined
    ? errors.make('DDA_DATASET_COLUMNS/unknown', holes, { location: file })
    : errors.make('DDA_DATASET_COLUMNS/which', { ...holes, option, first: names[0] ?? 'name' }, { location: file })
}
